// All studies, in the order in which they are listed.

import { shortMemory } from './shortMemory';
import { stability } from './stability';
import type { AnyStudy } from './study';
import { unstable } from './unstable';

export const STUDIES: readonly AnyStudy[] = [stability, unstable, shortMemory];
