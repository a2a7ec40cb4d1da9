// Which flags go with which task, model and optimizer.

import { fail } from '../graph/check';
import { camelCase } from '../spec/option';
import { GENERATED, IMAGES, SOUND, TEXT, presetOf, type ModelName, type TaskName } from './recipes';
import type { SETTING_FLAGS } from './settingFlags';
import { wishOf, type Given } from './settings';

const OF_TEXT: readonly (keyof typeof SETTING_FLAGS)[] = [
  ...(['bptt', 'lead', 'carry', 'tied', 'cutoffs', 'input-bound'] as const),
  ...(['train-tokens', 'evaluation-tokens', 'smoothing'] as const),
];

const OF_SOUND: readonly (keyof typeof SETTING_FLAGS)[] = ['speaker', 'condition', 'evaluation-pieces'];

const OF_WAVENET: readonly (keyof typeof SETTING_FLAGS)[] = ['stacks', 'skip'];
const NOT_OF_SOUND: readonly (keyof typeof SETTING_FLAGS)[] = ['input-dropout', 'embedding'];

const OF_TRANSFORMER: readonly (keyof typeof SETTING_FLAGS)[] = [
  ...(['heads', 'feed-forward', 'norm', 'positions', 'smoothing'] as const),
];
const NOT_OF_TRANSFORMER: readonly (keyof typeof SETTING_FLAGS)[] = [
  ...(['embedding', 'input-bound', 'gain', 'carry'] as const),
];

/**
 * Refuses flags that this task or model has no use for: nothing that was asked for may be ignored in silence.
 */
export function checkFlags(task: TaskName, model: ModelName, given: Given): void {
  const refuse = (flag: string, why: string, fix: string) => {
    if (camelCase(flag) in given) fail(`train: --${flag} does not go with ${why}.`, { fix });
  };
  const convolves = ['tcn', 'gcnn', 'wavenet'].includes(model);
  if (!convolves) {
    refuse('kernel-size', `--model ${model}`, 'only a tcn, gcnn or wavenet has taps; leave it out.');
  }
  if (model !== 'wavenet') {
    OF_WAVENET.forEach((flag) => refuse(flag, `--model ${model}`, 'only a wavenet has it; leave it out.'));
  } else if (SOUND.includes(task)) {
    NOT_OF_SOUND.forEach((flag) =>
      refuse(flag, `--model wavenet on ${task}`, 'it reads codes; leave it out.'),
    );
  }
  if (model !== 'tcn') {
    refuse('residual-gain', `--model ${model}`, 'only a tcn has those convolutions; leave it out.');
  }
  if (model !== 'gcnn') refuse('activation', `--model ${model}`, 'only a gcnn has a choice; leave it out.');
  if (model === 'gcnn' || model === 'wavenet') {
    refuse('tied', `--model ${model}`, 'its softmax has a table of its own; leave it out.');
  }
  if (convolves) {
    refuse('carry', `--model ${model}`, `a ${model} has no state to carry; leave it out.`);
    refuse('input-bound', `--model ${model}`, 'the bound is for a stable lstm; leave it out.');
  } else refuse('lead', `--model ${model}`, 'only a convolutional model needs it; leave it out.');
  if (model === 'wavenet') {
    refuse('dropout', '--model wavenet', 'it has none in its layers; give --input-dropout.');
    refuse('gain', '--model wavenet', 'its weights start as they do; leave it out.');
    refuse('cutoffs', '--model wavenet', 'it has a full softmax; leave it out.');
  }
  if (model !== 'lstm') refuse('forget-bias', `--model ${model}`, 'only an lstm has one; leave it out.');
  const [others, why] =
    model === 'transformer'
      ? [NOT_OF_TRANSFORMER, 'a transformer has no such thing; leave it out.']
      : [OF_TRANSFORMER, 'only a transformer has it; leave it out.'];
  others.forEach((flag) => refuse(flag, `--model ${model}`, why));
  if (model === 'transformer' && TEXT.includes(task)) {
    refuse('input-dropout', `--model ${model} on text`, 'its embeddings take --dropout; leave it out.');
  }
  if (model !== 'lstm' && model !== 'rnn') {
    refuse('stable', `--model ${model}`, 'a projection is known for rnn and lstm; leave it out.');
  }
  if (model !== 'lstm') refuse('bounds', `--model ${model}`, 'an rnn has only --stable.');
  if (!given.stable && !given.resume) {
    refuse('bounds', 'a model that is not --stable', 'add --stable 0.99.');
  }
  if (model === 'lstm' && !given.bounds && (Number(given.stable) <= 0.5 || given.stable === 1)) {
    fail(`train: an LSTM cannot be made stable with λ = ${String(given.stable)}.`, {
      fix: 'give --stable above 0.5 and below 1: a forget gate is half open where its inputs are 0.',
    });
  }
  const preset = presetOf(task, model, ...wishOf(given));
  if (preset.net) {
    const why = 'the net has layers of its own; leave it out.';
    for (const flag of ['hidden', 'levels', 'kernel-size']) refuse(flag, `--preset ${preset.net}`, why);
  }
  const schedule = given.schedule ?? preset.schedule ?? 'constant';
  if (schedule !== 'warmup' && !given.resume) {
    refuse('warmup', `--schedule ${String(schedule)}`, 'add --schedule warmup.');
  }
  if (schedule !== 'plateau' && !given.resume) {
    refuse('plateau-factor', `--schedule ${String(schedule)}`, 'add --schedule plateau.');
  }
  const optimizer = given.optimizer ?? preset.optimizer;
  const adam = optimizer === 'adam' || optimizer === 'adamw';
  if (optimizer !== 'sgd') refuse('nesterov', `--optimizer ${optimizer}`, 'add --optimizer sgd.');
  if (adam) refuse('momentum', `--optimizer ${optimizer}`, 'add --optimizer sgd or rmsprop.');
  else refuse('betas', `--optimizer ${optimizer}`, 'leave it out.');
  if (GENERATED.includes(task)) refuse('epochs', task, 'its data is drawn without end; give --steps.');
  else if (TEXT.includes(task)) refuse('length', task, 'the length of a segment of text is --bptt.');
  else if (!SOUND.includes(task))
    refuse('length', task, 'its sequences have their own lengths; leave it out.');
  if (!IMAGES.includes(task)) {
    for (const flag of ['train-images', 'evaluation-images']) {
      refuse(flag, task, 'it is for mnist; leave it out.');
    }
  }
  if (!TEXT.includes(task)) OF_TEXT.forEach((flag) => refuse(flag, task, 'it is for text; leave it out.'));
  if (!SOUND.includes(task)) {
    OF_SOUND.forEach((flag) => refuse(flag, task, 'it is for digits; leave it out.'));
    if (!TEXT.includes(task)) refuse('embedding', task, 'it is for text and digits; leave it out.');
  }
  if (given.resume) refuse('preset', '--resume', 'the run has its settings; leave it out.');
  if ('steps' in given) refuse('epochs', '--steps', 'give one of the two.');
  if (task === 'adding' && given.length === 1) {
    fail('train: --length 1 leaves no room for two marked numbers.', { fix: 'give at least 2.' });
  }
}
