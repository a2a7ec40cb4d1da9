// A sample as a step that the device repeats by itself, in two ways whose costs are compared: with rings, in which
// every layer keeps the inputs that it looks back at (Le Paine et al. 2016), and without.

import { SILENCE } from '../../data/muLaw';
import type { Engine, Step } from '../../gpu/engine';
import { assign } from '../../graph/assign';
import { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { Memory } from '../../nn/stepwise';
import type { WaveNet } from '../../nn/waveNet/waveNet';
import { concat } from '../../ops/layout/concat';
import { reshape, slice } from '../../ops/layout/view';
import { writeAt } from '../../ops/layout/writeAt';
import { sample } from '../../ops/random/sample';

/** A step that makes the next sample of `sound` [B, N] with rings: it costs the same however far the net sees. */
export function cachedStep(engine: Engine, net: WaveNet, sound: State): Step<void> {
  const memory = new Memory(sound.shape[0]);
  const next = net.stepper(memory);
  return sampleStep(engine, sound, memory, (codes) => next(codes));
}

/** The same without: everything that the net sees is computed anew, which takes far longer. */
export function naiveStep(engine: Engine, net: WaveNet, sound: State): Step<void> {
  const [B] = sound.shape;
  const T = net.receptiveField;
  const seen = new State([B, T], (size) => new Uint32Array(size).fill(SILENCE), 'seen', 'u32');
  return sampleStep(engine, sound, new Memory(B), (codes) => {
    const window = concat([slice(seen, 1, 1, T), codes], 1);
    assign(seen, window);
    return slice(net.forward(window), 1, T - 1, T);
  });
}

/** `answer` gives logits [B, 1, classes] to the codes [B, 1] of a position. */
function sampleStep(
  engine: Engine,
  sound: State,
  memory: Memory,
  answer: (codes: Tensor) => Tensor,
): Step<void> {
  const [B] = sound.shape;
  const codes = new State([B], (size) => new Uint32Array(size).fill(SILENCE), 'codes', 'u32');
  return engine.record((seed: Tensor) => {
    const logits = reshape(answer(reshape(codes, [B, 1])), [B, -1]);
    const next = sample(logits, { seed, counter: memory.position });
    writeAt(sound, memory.position, next);
    assign(codes, next);
    memory.advance();
  });
}
