// All studies, in the order in which they are listed.

import { context } from './context/context';
import { gating } from './gating/gating';
import { lags } from './lags/lags';
import { shootoutOf } from './shootout/shootout';
import { shortMemory } from './short-memory/shortMemory';
import { speech } from './speech/speech';
import { stability } from './stability/stability';
import type { AnyStudy } from '../runs/study';
import { TABLES, type Tables } from '../runs/tables';
import { tbptt } from './tbptt/tbptt';
import { tcn } from './tcn/tcn';
import { twins } from './twins/twins';
import { translation } from './translation/translation';
import { unstable } from './unstable/unstable';
import { wavenet } from './wavenet/wavenet';

/** The studies of the models and tasks of these tables. */
export const studiesOf = (tables: Tables): readonly AnyStudy[] => [
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
  translation,
  speech,
  shootoutOf(tables),
];

/** The studies of our tables. */
export const STUDIES = studiesOf(TABLES);
