// What every model is made from, besides the options of its own.

import type { FieldSettings } from '../nn/bodies';

/** Settings that every model is made from. */
export type Made = FieldSettings & { readonly model: string; readonly seed: number };
