// All ops that graphs are made of.

import type { Room } from './program';
import { attentions } from './rooms/attention';
import { device } from './rooms/device';
import { elementwise } from './rooms/elementwise';
import { products } from './rooms/products';
import { recompute } from './rooms/recompute';
import { cells } from './rooms/recurrent';
import { rows } from './rooms/rows';
import { views } from './rooms/views';

export const ROOMS: Readonly<Record<string, Room>> = {
  ...elementwise,
  ...views,
  ...products,
  ...cells,
  ...attentions,
  ...rows,
  ...device,
  ...recompute,
};
