// The table of models. A new one is a file beside this one, and a line here.

import type { OptionsOf } from '../spec/option';
import { attentionLSTM } from './attentionLstm';
import { convS2S } from './convS2S';
import { gcnn } from './gcnn';
import { gnmt } from './gnmt';
import { gru } from './gru';
import { lstm } from './lstm';
import { minGRU, minLSTM } from './minRecurrent';
import type { ModelSpec } from './modelSpec';
import { rnn } from './rnn';
import { seq2seq } from './seq2seq';
import { tcn } from './tcn';
import { transformer } from './transformer';
import { wavenet } from './wavenet';

/** The models, in the order in which help lists them. */
export const MODELS = [
  tcn,
  lstm,
  gru,
  rnn,
  minGRU,
  minLSTM,
  gcnn,
  transformer,
  wavenet,
  seq2seq,
  attentionLSTM,
  gnmt,
  convS2S,
] as const;

type Table = (typeof MODELS)[number];
/** The name of one of ours. */
export type ModelName = Table['name'];

/** The options of one model, on tasks of every kind. */
type OptionsIn<M> =
  M extends ModelSpec<string, infer O, infer V, infer T, infer S, infer P>
    ? Partial<OptionsOf<O> & OptionsOf<V> & OptionsOf<T> & OptionsOf<S> & OptionsOf<P>>
    : never;

type All<U> = (U extends unknown ? (one: U) => void : never) extends (one: infer I) => void ? I : never;

/** The settings that models have: what each is belongs to the model that declares it. */
export type ModelSettings = All<OptionsIn<Table>> & { readonly hidden: number; readonly levels: number };
