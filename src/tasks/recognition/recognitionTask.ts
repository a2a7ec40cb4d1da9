// Which digit a recording says, and who says it: ten classes and two, after the last frame of its log-mel spectrum.

import { BANDS } from '../../data/speech/mel';
import { DIGITS, SPEAKERS } from '../../data/spokenDigits';
import { fail } from '../../graph/check';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { slice } from '../../ops/layout/view';
import { accuracy, crossEntropy } from '../../ops/loss/crossEntropy';
import { drawn } from '../drawn';
import { sequenceTask, type SequenceTask } from '../sequence';
import type { Task } from '../task';
import { CLASSES, STEPS, drawHeard, heardBatch, type HeardDigits } from './heard';

const EVALUATION_BATCH = 20;
const METRIC = 'nats per recording';

/** The task with what it hears. */
export interface RecognitionTask extends SequenceTask {
  readonly heard: HeardDigits;
}

/** What a task of recognition hears. */
export const heardOf = (task: Task | RecognitionTask): HeardDigits =>
  'heard' in task ? task.heard : fail(`${task.name} is no task of recognition.`);

/** The task of these recordings; `batch`: recordings a step. */
export function recognitionTask(heard: HeardDigits, batch: number): RecognitionTask {
  const task = sequenceTask({
    name: 'Who says which digit',
    inputs: BANDS,
    outputs: CLASSES,
    longest: STEPS,
    asksLast: true,
    metric: METRIC,
    anchors: [{ name: 'equal chances', value: Math.log(DIGITS) + Math.log(SPEAKERS.length) }],
    stepsPerEpoch: Math.max(1, Math.floor(heard.train.length / batch)),
    source: (random) => drawn(random, (own) => drawHeard(heard, { batch, random: own })),
    loss,
    measures(y, digits, speakers) {
      const [what, who] = answersOf(y);
      return {
        [METRIC]: loss(y, digits, speakers),
        'digits right': accuracy(what, digits),
        'speakers right': accuracy(who, speakers),
      };
    },
    weightOf: ([x]) => x.shape[0],
    *batches(split) {
      for (let first = 0; first < heard[split].length; first += EVALUATION_BATCH) {
        yield heardBatch(heard[split].slice(first, first + EVALUATION_BATCH), heard.normalisation);
      }
    },
  });
  return { ...task, heard };
}

/** Logits of the digits [B, 10] and of the speakers [B, 2] of an answer [B, 12]. */
const answersOf = (y: Tensor): [Tensor, Tensor] => [slice(y, 1, 0, DIGITS), slice(y, 1, DIGITS, CLASSES)];

function loss(y: Tensor, digits: Tensor, speakers: Tensor): Tensor {
  const [what, who] = answersOf(y);
  return add(crossEntropy(what, digits), crossEntropy(who, speakers));
}
