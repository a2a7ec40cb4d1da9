// The looks by name: each sees what a scene draws.

import { fail } from '../../../../src/graph/check';
import { answers } from './answers';
import { attention } from './attention';
import { lags } from './lags';
import type { MakeLook } from './look';
import { music } from './music';
import { sound } from './sound';
import { truncation } from './truncation';
import { writing } from './writing';

const LOOKS: Readonly<Record<string, MakeLook>> = {
  answers,
  attention,
  lags,
  music,
  sound,
  truncation,
  writing,
};

/** The look of that name. */
export const lookCalled = (name: string): MakeLook => LOOKS[name] ?? fail(`There is no look called ${name}.`);
