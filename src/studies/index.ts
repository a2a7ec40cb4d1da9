// All studies, in the order in which they are listed.

import { context } from './context';
import { gating } from './gating';
import { lags } from './lags';
import { shootout } from './shootout';
import { shortMemory } from './shortMemory';
import { stability } from './stability';
import type { AnyStudy } from './study';
import { tbptt } from './tbptt';
import { tcn } from './tcn';
import { twins } from './twins';
import { unstable } from './unstable';
import { wavenet } from './wavenet';

export const STUDIES: readonly AnyStudy[] = [
  stability,
  context,
  twins,
  lags,
  unstable,
  shortMemory,
  tbptt,
  gating,
  tcn,
  wavenet,
  shootout,
];
