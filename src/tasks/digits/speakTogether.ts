// Several sounds made side by side, sample by sample, by a model of sound of any kind: each is told what is its own,
// and drawn by itself.

import type { Engine } from '../../gpu/engine';
import { assign } from '../../graph/assign';
import { array, type HostArray } from '../../graph/host';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import type { SoundModel } from '../../models/soundModel';
import { Memory } from '../../nn/stepwise';
import { add } from '../../ops/elementwise/binary';
import { advance } from '../../ops/layout/advance';
import { readAt } from '../../ops/layout/readAt';
import { reshape } from '../../ops/layout/view';
import { PART, sampleStep, type Told } from './soundGeneration';

/** What is to be heard of each sound; the rest as it is for one. */
export interface ToldTogether extends Omit<Told, 'told'> {
  readonly told: readonly (readonly [who: number, what: number])[];
  /** f32 [sounds, length, features], of a model that is told features beside every sample. */
  readonly features?: HostArray;
}

/** The μ-law codes of the sounds. */
export async function speakTogether(
  engine: Engine,
  model: SoundModel,
  options: ToldTogether,
): Promise<Uint8Array[]> {
  const { told, length, temperature = 1, seed, features, onProgress } = options;
  const memory = new Memory(told.length);
  const beside = features && new State(features.shape, 'zeros', 'features');
  if (beside) engine.record((values: Tensor) => assign(beside, values))(features);
  const { begin, answer } = stepOf(model, memory);
  const [who, what] = [0, 1].map((i) => {
    const numbers = told.map((one) => one[i]);
    return array([told.length], Uint32Array.from(numbers));
  });
  if (begin) engine.record(begin)(who, what);
  engine.record(() => memory.prepare())();
  const sound = new State([told.length, length], 'zeros', 'sound', 'u32');
  const step = sampleStep(engine, sound, temperature, (codes, position) => {
    const logits = answer(codes, position, beside && readAt(beside, position));
    advance(memory.position);
    return logits;
  });
  for (let done = 0; done < length;) {
    const now = Math.min(PART, length - done);
    await step.repeat(now, array([1], Uint32Array.of(seed)));
    await engine.idle();
    done += now;
    onProgress?.(done);
  }
  const codes = await engine.read(sound);
  return told.map((_, b) => Uint8Array.from(codes.subarray(b * length, (b + 1) * length)));
}

/** What is done once, before the first sample, and the logits of the sample behind `codes` [B]. */
interface SoundStep {
  readonly begin?: (who: Tensor, what: Tensor) => void;
  answer(codes: Tensor, position: Tensor, features?: Tensor): Tensor;
}

function stepOf(model: SoundModel, memory: Memory): SoundStep {
  const { wavenet: net, encoder, sequence } = model;
  const B = memory.batch;
  const isTold = Boolean(model.digit ?? model.speaker);
  if (net) {
    const own = net.memory(B);
    const begin = (who: Tensor, what: Tensor) => net.condition(own, model.condition(who, what)!);
    return {
      ...(isTold && { begin }),
      answer: (codes, position, features) => net.step(codes, own, position, features),
    };
  }
  const next = sequence!.stepper(memory);
  const condition = new State([B, encoder!.weight.shape[1]], 'zeros', 'condition');
  return {
    ...(isTold && { begin: (who, what) => assign(condition, model.condition(who, what)!) }),
    answer(codes, _position, features) {
      const x = add(encoder!.forward(codes), condition); // [B, E]
      const told = features ? add(x, model.features!.forward(features)) : x;
      return next(reshape(told, [B, 1, -1]));
    },
  };
}
