// The looks by name: each sees what a scene draws.

import { fail } from '../../../../src/graph/check';
import { answers } from './answers';
import { lags } from './lags';
import type { MakeLook } from './look';
import { truncation } from './truncation';
import { writing } from './writing';

const LOOKS: Readonly<Record<string, MakeLook>> = { answers, lags, truncation, writing };

/** The look of that name. */
export const lookCalled = (name: string): MakeLook => LOOKS[name] ?? fail(`There is no look called ${name}.`);
