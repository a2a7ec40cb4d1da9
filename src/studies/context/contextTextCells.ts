// The cells of study `context` on characters: recurrent models, stable and unconstrained, trained on all of their past
// and on the last k characters alone (an LSTM n-gram model with n = k + 1: Chelba et al. 2017); a Transformer; and
// gated convolutions whose receptive field is k (Dauphin et al. 2017, section 5.4).

import { fieldOf } from '../../nn/bodies';
import { baselinesOf } from '../baselines';
import type { ContextSettings, ContextTraining } from './contextParts';
import { TAPS, TEXTS, type ContextText, type Size, type Subject } from './contextTexts';
import type { Cell, Setup } from '../../runs/study';
import type { Training } from '../../runs/training';
import type { Places } from '../truncatedText';

/** A text at a budget. */
export interface TextPart {
  readonly text: ContextText;
  readonly size: Size;
  readonly seed: number;
}

/** The texts that a study is about. */
export const textPartsOf = ({ budget, seed, task }: Setup): TextPart[] =>
  TEXTS.flatMap((text) => {
    const size = text.sizes[budget];
    return size && (task ?? text.task) === text.task ? [{ text, size, seed }] : [];
  });

/** Whether a model carries a state. */
export const isRecurrent = ({ model }: Subject): boolean => model === 'rnn' || model === 'lstm';

function trainingOf(part: TextPart, { model, own }: Subject, levels = 1): Training {
  const { hidden, extent } = part.size;
  const { base, task } = part.text;
  return { task, model, hidden: hidden[model], levels, seed: part.seed, ...extent, ...base, ...own };
}

/** The name of a cell. */
export const idOf = ({ text }: TextPart, { name }: Subject, how = 'whole past'): string =>
  `${text.name}/${name}/${how}`;
/** The end of the name of a cell of gated convolutions. */
export const byLevels = (levels: number): string => `levels-${levels}`;
/** The end of the name of a cell that is trained on k inputs. */
export const byK = (k: number): string => `k-${k}`;

const fieldAt = (levels: number): number => fieldOf({ model: 'gcnn', hidden: 1, levels, kernelSize: TAPS });

/** The k for which a recurrent model is trained. */
export function trainedOf({ size }: TextPart, { model, own }: Subject): readonly number[] {
  const { trained, trainedSo } = size;
  if (trainedSo === 'all') return trained;
  return own.stable || (trainedSo === 'unconstrained LSTMs' && model !== 'lstm') ? [] : trained;
}

/** The name of the cell that counts. */
export const baselinesId = ({ text }: TextPart): string => `${text.name}/baselines`;

/** The cells on a text. */
export function textCells(part: TextPart): Cell<ContextSettings>[] {
  const baselines = baselinesOf(trainingOf(part, recurrentOf(part)));
  return [{ id: baselinesId(part), settings: { baselines, at: placesOf(part) } }, ...trainingCells(part)];
}

const recurrentOf = ({ text }: TextPart): Subject => text.subjects.find(({ model }) => model === 'rnn')!;

const placesOf = ({ size }: TextPart): Places => ({ places: size.places, longest: size.measured.at(-1)! });

/** The trainings, with the settings of each. */
export function trainingCells(part: TextPart): Cell<ContextTraining>[] {
  const { measured } = part.size;
  const at = placesOf(part);
  return part.text.subjects.flatMap((subject) => {
    if (subject.model === 'gcnn') return convolutionCells(part, subject);
    const training = trainingOf(part, subject);
    const whole = { id: idOf(part, subject), settings: { training, measured, at } };
    if (!isRecurrent(subject)) return [whole];
    const own = trainedOf(part, subject).map((k) => {
      return { id: idOf(part, subject, byK(k)), settings: { training, k, measured: [k], at } };
    });
    return [whole, ...own];
  });
}

/** A receptive field each; the widest is the model that is cut at test. */
function convolutionCells(part: TextPart, subject: Subject): Cell<ContextTraining>[] {
  const { measured, levels } = part.size;
  return levels.map((count, i) => {
    const all = i === levels.length - 1 ? measured.filter((k) => k < fieldAt(count)) : [];
    const training = trainingOf(part, subject, count);
    const settings = { training, measured: [...all, fieldAt(count)], at: placesOf(part) };
    return { id: idOf(part, subject, byLevels(count)), settings };
  });
}
