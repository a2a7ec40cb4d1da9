// The table of tasks. A new one is a folder beside this file, and a line here.

import type { Options, OptionsOf } from '../spec/option';
import { adding } from './adding/index';
import { classification } from './classification/index';
import { copy } from './copy/index';
import { dates } from './dates/index';
import { digits } from './digits/index';
import { mnist, permutedMnist } from './mnist/index';
import { jsb } from './music/jsb';
import { nottingham } from './music/nottingham';
import { ownMusic } from './music/ownMusic';
import type { Preset } from './preset';
import { ownText } from './text/ownText';
import { shakespeare } from './text/shakespeare';
import { recognition } from './recognition/index';
import { series } from './series/index';
import { speech } from './speech/index';
import { sound } from './sound/index';
import { wikitext2 } from './text/wikitext2';
import { wikitext2Chars } from './text/wikitext2Chars';
import { engFra } from './translation/engFra';
import { translation } from './translation/index';

/** The tasks, in the order in which help lists them. */
export const TASKS = [
  ...([copy, adding, mnist, permutedMnist, jsb, nottingham] as const),
  ...([wikitext2, wikitext2Chars, shakespeare, digits, recognition, speech] as const),
  ...([ownText, ownMusic, sound, series, classification] as const),
  ...([dates, engFra, translation] as const),
] as const;

type Table = (typeof TASKS)[number];
/** The name of a task of the table. */
export type TaskName = Table['name'];

type OptionsIn<T> = T extends { readonly options: infer O extends Options } ? Partial<OptionsOf<O>> : never;
type All<U> = (U extends unknown ? (one: U) => void : never) extends (one: infer I) => void ? I : never;

/** The settings that tasks add: what each is belongs to the task that declares it. */
export type TaskSettings = All<OptionsIn<Table>>;

/** A preset of any of them. */
export type TaskPreset = Preset & TaskSettings;
