// A model of vectors: any body, and a linear head.

import { checked, only, type Rules } from '../graph/options';
import { BODIES, type Body } from '../nn/bodies';
import { SEQUENCE_RULES, SequenceModel, type SequenceSettings } from '../nn/sequenceModel';

/** Whether it is one of nn's, which checks what it is given by rules of its own. */
const isOfNn = (body: Body): boolean => Object.values<Body>(BODIES).includes(body);

const RULES: Rules<SequenceSettings> = SEQUENCE_RULES;

/** [B, T, inputs] to [B, T, outputs]; of the settings of a run it takes those that a model has. */
export function sequenceModel(
  body: Body,
  [inputs, outputs]: readonly [inputs: number, outputs: number],
  settings: SequenceSettings & { readonly seed: number },
): SequenceModel {
  const { seed, ...own } = settings;
  const known = isOfNn(body) ? checked('SequenceModel', only(RULES, own), RULES, 'hidden', 'levels') : own;
  return new SequenceModel(inputs, outputs, known, seed, body);
}
