// Sound made sample by sample on the device, by every model that reads sound: a step says what the whole model says,
// and what is drawn greedily is what it finds likeliest after the codes before, far beyond the receptive field.

import { afterAll, describe, expect, test } from 'vitest';
import { array, nn, repeatStep, sample, State, type HostArray, type Tensor } from '../../../src/index';
import { canRead } from '../../../src/models/modelSpec';
import { MODELS } from '../../../src/models/index';
import type { SoundModel } from '../../../src/models/soundModel';
import { drawSounds, speak } from '../../../src/tasks/digits/soundGeneration';
import { naiveStep } from '../../../src/studies/wavenet/sampleSteps';
import type { Made } from '../../../src/models/made';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const small = {
  ...{ hidden: 8, levels: 2, heads: 2, skip: 16, stacks: 2, embedding: 12, seed: 2 },
  ...{ optimizer: 'adam', learningRate: 1e-2, steps: 1, evaluateEvery: 1 },
} as const;

const SOUND_MODELS = MODELS.filter((model) => canRead(model, 'sound'));

interface Making {
  readonly condition?: 'none' | 'digit';
  readonly features?: number;
  readonly longest?: number;
}

function make(name: string, { condition, features, longest = 64 }: Making = {}): SoundModel {
  nn.seed(5);
  const { on } = SOUND_MODELS.find((one) => one.name === name)!;
  const settings: Made & typeof small & Pick<Making, 'condition'> = { ...small, model: name, condition };
  return on.sound!.make(settings, { features, longest });
}

const who = [1, 0, 1];
const what = [4, 9, 0];
const B = who.length;
const u32 = (shape: number[], values: readonly number[]) => array(shape, Uint32Array.from(values));

/** What the whole model says to all codes at once. */
async function forced(model: SoundModel, codes: Uint32Array, features?: HostArray): Promise<Float32Array> {
  const all = engine.record((...[x, speakers, digits, beside]: Tensor[]) =>
    model.forward(x, speakers, digits, beside),
  );
  const args = [array([B, codes.length / B], codes), u32([B], who), u32([B], what)];
  return (await all(...args, ...(features ? [features] : [])).read()) as Float32Array;
}

const featuresOf = (width: number, T: number) => array([B, T, width], uniform(8, B * T * width));

test('all models of the table are here', () => {
  expect(SOUND_MODELS.map(({ name }) => name)).toEqual([
    ...['tcn', 'lstm', 'gru', 'rnn', 'mingru', 'minlstm', 'gcnn', 'transformer', 'wavenet'],
  ]);
});

describe.each(SOUND_MODELS.map(({ name }) => name))('%s', (name) => {
  test.each<Making>([{}, { condition: 'none' }, { condition: 'digit' }, { features: 3 }])(
    'told %o: a step says what the whole says',
    async (told) => {
      const model = make(name, told);
      const T = 40;
      const codes = Uint32Array.from({ length: B * T }, (_, i) => (i * i * 5 + i) % 256);
      const features = told.features ? featuresOf(told.features, T) : undefined;
      const wanted = await forced(model, codes, features);
      const memory = new nn.Memory(B);
      const state = (shape: number[], data: Uint32Array | Float32Array, dtype: 'u32' | 'f32') =>
        new State(shape, () => data, 'told', dtype);
      const next = model.stepper(memory, {
        speakers: state([B], Uint32Array.from(who), 'u32'),
        digits: state([B], Uint32Array.from(what), 'u32'),
        features: features && state([B, T, 3], features.data as Float32Array, 'f32'),
      });
      engine.record(() => memory.prepare())();
      const step = engine.record((x: Tensor) => {
        const y = next(x);
        memory.advance();
        return y;
      });
      let worst = 0;
      for (let t = 0; t < T; t++) {
        const now = who.map((_, b) => codes[b * T + t]);
        const y = await step(u32([B, 1], now)).read();
        y.forEach((value, i) => {
          const whole = wanted[(Math.floor(i / 256) * T + t) * 256 + (i % 256)];
          const apart = Math.abs(value - whole);
          worst = Math.max(worst, Number.isNaN(apart) ? Infinity : apart);
        });
      }
      expect(worst).toBeLessThan(2e-5);
    },
  );

  test.each([0, 3])('with %i features: what is drawn is the likeliest', async (width) => {
    const T = 40;
    const model = make(name, { features: width });
    const features = width ? featuresOf(width, T) : undefined;
    const parts: number[] = [];
    const sounds = await drawSounds(engine, model, {
      ...{ told: who.map((one, b) => [one, what[b]] as const), features },
      ...{ length: T, temperature: 0, seed: 1, onProgress: (done) => parts.push(done) },
    });
    expect(parts.at(-1)).toBe(T);
    expect(sounds.map((codes) => codes.length)).toEqual([T, T, T]);
    const before = Uint32Array.from(sounds.flatMap((codes) => [128, ...codes.subarray(0, -1)]));
    const logits = await forced(model, before, features);
    sounds.forEach((codes, b) => {
      for (let t = 0; t < T; t++) {
        const row = logits.slice((b * T + t) * 256, (b * T + t + 1) * 256);
        // A tie within float error may go either way.
        expect(Math.max(...row) - row[codes[t]], `sound ${b}, sample ${t}`).toBeLessThan(1e-4);
      }
    });
  });
});

test('a Transformer goes on beyond its positions, told the features of the place', async () => {
  const [T, longest, width] = [40, 16, 3];
  const model = make('transformer', { features: width, longest });
  const features = featuresOf(width, T);
  const told = who.map((one, b) => [one, what[b]] as const);
  const sounds = await drawSounds(engine, model, { told, features, length: T, temperature: 0, seed: 1 });
  // It begins again when 16 are read, and reads the last 8 of them once more: at steps 16 − 8, 24 − 8, 32 − 8.
  for (const begin of [8, 16, 24]) {
    const part = (values: ArrayLike<number>, b: number, each: number) =>
      Array.from(values).slice((b * T + begin) * each, (b * T + begin + longest) * each);
    const beside = who.flatMap((_, b) => part(features.data, b, width));
    const codes = sounds.flatMap((all) => [128, ...all].slice(begin, begin + longest));
    const logits = await forced(model, Uint32Array.from(codes), array([B, longest, width], beside));
    sounds.forEach((all, b) => {
      for (let i = longest / 2; i < longest; i++) {
        const row = logits.slice((b * longest + i) * 256, (b * longest + i + 1) * 256);
        expect(Math.max(...row) - row[all[begin + i]], `sound ${b}, ${begin} + ${i}`).toBeLessThan(1e-4);
      }
    });
  }
});

describe('a spoken digit', () => {
  const said = { digit: 4, speaker: 'george', length: 60, seed: 3 } as const;

  test('is drawn from the seed', async () => {
    const model = make('wavenet');
    const draw = (seed: number) => speak(engine, model, { ...said, seed });
    const [a, b, c] = [await draw(1), await draw(1), await draw(2)];
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test('is one of ten, by a speaker who is known', async () => {
    const model = make('lstm');
    for (const digit of [-1, 10, 0.5, NaN]) {
      const wrong = speak(engine, model, { ...said, digit });
      await expect(wrong).rejects.toThrow(`the digit ${digit} is none of the 10`);
    }
    const nobody = speak(engine, model, { ...said, speaker: 'nobody' as 'george' });
    await expect(nobody).rejects.toThrow(/the speaker "nobody" is none of the 2[^]*george/);
  });

  test('is not drawn from a model that diverged', async () => {
    const model = make('gru');
    const [weight] = model.parameters();
    engine.write(weight, new Float32Array(weight.size).fill(NaN));
    await expect(speak(engine, model, said)).rejects.toThrow('logits are not finite');
  });

  test('of a model that is not told what it listens to is refused', () => {
    const model = make('gru');
    const memory = new nn.Memory(1);
    model.stepper(memory);
    expect(() => engine.record(() => memory.prepare())()).toThrow(
      /it is told speakers of a sound, and they are missing[^]*condition none/,
    );
  });
});

test('without rings the same is drawn from what the net sees', async () => {
  nn.seed(6);
  const sizes = { residualChannels: 4, dilationChannels: 4, skipChannels: 8 };
  const net = new nn.WaveNet({ ...sizes, dilations: [1, 2] });
  const sound = new State([1, 30], 'zeros', 'sound', 'u32');
  const seed = array([1], Uint32Array.of(9));
  await repeatStep(naiveStep(engine, net, sound), 30, seed);
  const codes = await engine.read(sound);
  // Forced to those codes behind silence, the net with rings gives the same logits once silence is all it sees.
  const memory = new nn.Memory(1);
  const next = net.stepper(memory);
  const step = engine.record((x: Tensor) => {
    const y = next(x);
    memory.advance();
    return y;
  });
  const draw = engine.record((logits: Tensor, key: Tensor, t: Tensor) =>
    sample(logits, { seed: key, counter: t }),
  );
  const heard = [...Array<number>(net.receptiveField).fill(128), ...codes.slice(0, -1)];
  for (const [t, code] of heard.entries()) {
    const logits = await step(u32([1, 1], [code])).read();
    const at = t - net.receptiveField + 1;
    if (at < 0) continue;
    const [drawn] = await draw(array([1, 256], logits), seed, u32([1], [at])).read();
    expect(drawn, `sample ${at}`).toBe(codes[at]);
  }
});
