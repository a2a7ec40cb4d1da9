// Sound made sample by sample on the device: the likeliest codes are those that the parallel net finds likeliest after
// the codes before them, far beyond the receptive field; the way without rings makes the same.

import { afterAll, describe, expect, test } from 'vitest';
import { array, nn, sample, State, type Tensor } from '../../src/index';
import { naiveStep, speak } from '../../src/tasks/digits/soundGeneration';
import { speakTogether } from '../../src/tasks/digits/speakTogether';
import { SoundModel } from '../../src/models/soundModel';
import type { Recipe } from '../../src/runs/run';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const recipe: Recipe = {
  ...{ model: 'wavenet', hidden: 8, skip: 16, levels: 3, stacks: 2 },
  ...{ optimizer: 'adam', learningRate: 1e-2, steps: 1, evaluateEvery: 1, seed: 2 },
};

describe('a spoken digit', () => {
  nn.seed(5);
  const model = new SoundModel(recipe);
  const said = { digit: 4, speaker: 'george', length: 60, seed: 3 } as const;

  test('is what the parallel net finds likeliest', async () => {
    const parts: number[] = [];
    const codes = await speak(engine, model, {
      ...said,
      temperature: 0,
      onProgress: (done) => parts.push(done),
    });
    expect(parts.at(-1)).toBe(60);
    expect(model.wavenet!.receptiveField).toBe(16);
    const before = Uint32Array.from([128, ...codes.subarray(0, -1)]);
    const all = engine.record((x: Tensor, who: Tensor, what: Tensor) => model.forward(x, who, what));
    const [who, what] = [1, 4].map((value) => array([1], Uint32Array.of(value)));
    const logits = await all(array([1, 60], before), who, what).read();
    for (let t = 0; t < 60; t++) {
      const row = logits.slice(t * 256, (t + 1) * 256);
      // A tie within float error may go either way.
      expect(Math.max(...row) - row[codes[t]], `sample ${t}`).toBeLessThan(1e-4);
    }
    expect(new Set(codes).size).toBeGreaterThan(1);
  });

  test('is drawn from the seed', async () => {
    const draw = (seed: number) => speak(engine, model, { ...said, seed });
    const [a, b, c] = [await draw(1), await draw(1), await draw(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test('is not made by another model', async () => {
    const lstm = new SoundModel({ ...recipe, model: 'lstm', levels: 1 });
    await expect(speak(engine, lstm, said)).rejects.toThrow('this model is not a wavenet');
  });
});

test('without rings the same is drawn from what the net sees', async () => {
  nn.seed(6);
  const sizes = { residualChannels: 4, dilationChannels: 4, skipChannels: 8 };
  const net = new nn.WaveNet({ ...sizes, dilations: [1, 2] });
  const sound = new State([1, 30], 'zeros', 'sound', 'u32');
  const seed = array([1], Uint32Array.of(9));
  await naiveStep(engine, net, sound).repeat(30, seed);
  const codes = await engine.read(sound);
  // Forced to those codes behind silence, the net with rings gives the same logits once silence is all it sees.
  const memory = net.memory(1);
  const step = engine.record((x: Tensor, t: Tensor) => net.step(x, memory, t));
  const draw = engine.record((logits: Tensor, key: Tensor, t: Tensor) =>
    sample(logits, { seed: key, counter: t }),
  );
  const heard = [...Array<number>(net.receptiveField).fill(128), ...codes.slice(0, -1)];
  for (const [t, code] of heard.entries()) {
    const logits = await step(array([1], Uint32Array.of(code)), array([1], Uint32Array.of(t))).read();
    const at = t - net.receptiveField + 1;
    if (at < 0) continue;
    const [drawn] = await draw(array([1, 256], logits), seed, array([1], Uint32Array.of(at))).read();
    expect(drawn, `sample ${at}`).toBe(codes[at]);
  }
});

describe('several sounds at once', () => {
  const told = [
    [1, 4],
    [0, 9],
    [1, 0],
  ] as const;
  const [B, T] = [told.length, 40];
  const models = [
    ['wavenet', 0],
    ['wavenet', 3],
    ['lstm', 0],
    ['lstm', 3],
  ] as const;

  test.each(models)(
    'of a %s with %i features: each is what the parallel net finds likeliest',
    async (name, width) => {
      nn.seed(7);
      const model = new SoundModel({ ...recipe, model: name }, { features: width });
      const features = width ? array([B, T, width], uniform(8, B * T * width)) : undefined;
      const sounds = await speakTogether(engine, model, {
        told,
        features,
        length: T,
        temperature: 0,
        seed: 1,
      });
      expect(sounds.map((codes) => codes.length)).toEqual([T, T, T]);
      const before = Uint32Array.from(sounds.flatMap((codes) => [128, ...codes.subarray(0, -1)]));
      const [who, what] = [0, 1].map((i) => array([B], Uint32Array.from(told.map((one) => one[i]))));
      const all = engine.record((...arrays: Tensor[]) =>
        model.forward(arrays[0], arrays[1], arrays[2], arrays[3]),
      );
      const logits = await all(array([B, T], before), who, what, ...(features ? [features] : [])).read();
      sounds.forEach((codes, b) => {
        for (let t = 0; t < T; t++) {
          const row = logits.slice((b * T + t) * 256, (b * T + t + 1) * 256);
          expect(Math.max(...row) - row[codes[t]], `sound ${b}, sample ${t}`).toBeLessThan(1e-4);
        }
      });
    },
  );
});
