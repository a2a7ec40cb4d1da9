// WaveNet: ten steps against PyTorch with both conditions, the published net's size and receptive field, and fields
// measured.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  crossEntropy,
  gradient,
  nn,
  optim,
  reshape,
  slice,
  State,
  sum,
  zeros,
  type Tensor,
} from '../../src/index';
import golden from '../golden/waveNet.json';
import { distance } from '../harness/cells';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare, type Golden } from '../harness/golden';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const { classes, dilations, residual, channels, skip, around, beside, speakers, features, hop } =
  golden.config;

/** As test/golden/make.py has it. */
class Conditioned extends nn.Module {
  readonly speaker = new nn.Embedding(speakers, around);
  readonly upsample = new nn.Upsample(features, beside, hop);
  readonly wavenet = new nn.WaveNet({
    ...{ classes, dilations, residualChannels: residual, dilationChannels: channels, skipChannels: skip },
    ...{ globalChannels: around, localChannels: beside },
  });

  override forward(codes: Tensor, who?: Tensor, frames?: Tensor): Tensor {
    const global = reshape(this.speaker.forward(who!), [codes.shape[0], around]);
    return this.wavenet.forward(codes, { global, local: this.upsample.forward(frames!) });
  }
}

test.each(FAMILIES)('Adam, clipping, global and local conditions (%s)', async (family) => {
  const own = await openTestEngine({ family, poison: true });
  const model = new Conditioned();
  const { learningRate, clip } = golden.optimizer;
  const adam = new optim.Adam(model.parameters(), { learningRate, clipNorm: clip });
  const loss = (codes: Tensor, targets: Tensor, ...conditions: Tensor[]) =>
    crossEntropy(model.forward(codes, ...conditions), targets);
  await compare(own, golden as unknown as Golden, model, adam, loss, ['speakers', 'frames']);
  own.destroy();
});

describe('the published net', () => {
  test('has the parameters that its layers say', () => {
    const { dilations: all, residualChannels: R, dilationChannels: D, skipChannels: S } = nn.WAVENET.ibab;
    const layer = 2 * (2 * R * D + D) + (D * R + R) + (D * S + S);
    const published = 2 * 256 * R + all.length * layer + (S * S + S) + (S * 256 + 256);
    expect(published).toBe(1_515_968);
    // There, the last layer has a way to a next one, which there is not: it gets no gradient.
    const unused = D * R + R;
    const settings = { ...nn.WAVENET.ibab, globalChannels: 0 };
    expect(new nn.WaveNet(settings).size).toBe(published - unused);
    expect(new nn.WaveNet(nn.WAVENET.ibab).size).toBe(published - unused + all.length * 2 * D * 32);
  });

  test('sees 5,117 samples, 3,071 with three stacks', () => {
    expect(nn.waveNetField(nn.WAVENET.ibab)).toBe(5117);
    expect(nn.waveNetField({ ...nn.WAVENET.ibab, dilations: nn.dilationStacks(3, 10) })).toBe(3071);
    expect(nn.dilationStacks(2, 3)).toEqual([1, 2, 4, 1, 2, 4]);
  });
});

const small = { residualChannels: 8, dilationChannels: 8, skipChannels: 16, classes: 8 };

describe('the receptive field, measured', () => {
  test.each([
    [{ ...small, dilations: nn.dilationStacks(2, 3) }, 16],
    [{ ...small, dilations: [1, 3], kernelSize: 3 }, 11],
    [{ ...small, dilations: [2], kernelSize: 2 }, 4],
    [{ ...small, dilations: [1, 1], kernelSize: 1 }, 1],
  ])('%o: %i', async (settings, field) => {
    nn.seed(5);
    const model = new nn.WaveNet(settings);
    expect(model.receptiveField).toBe(field);
    const [T, at] = [field + 9, 4];
    // Two sequences that differ in one code.
    const codes = Uint32Array.from({ length: 2 * T }, (_, i) => ((i % T) * 5 + 3) % 8);
    codes[T + at] = (codes[T + at] + 1) % 8;
    const y = await engine
      .record((x: Tensor) => model.forward(x))(array([2, T], codes))
      .read();
    const changed = Array.from({ length: T }, (_, t) =>
      Array.from({ length: 8 }, (_, v) => y[t * 8 + v] !== y[(T + t) * 8 + v]).some(Boolean),
    );
    expect(changed).toEqual(Array.from({ length: T }, (_, t) => t >= at && t < at + field));
  });

  test('of a local condition: as the layers see it, and its own frame only', async () => {
    nn.seed(6);
    const model = new nn.WaveNet({ ...small, dilations: [1, 2], localChannels: 2 });
    const up = new nn.Upsample(3, 2, 4);
    const [T, t] = [16, 11];
    const slopes = engine.record((codes: Tensor, frames: Tensor) => {
      const local = up.forward(frames);
      const y = sum(slice(model.forward(codes, { local }), 1, t, t + 1));
      return gradient(y, [local, frames]);
    });
    const given = [array([1, T], new Uint32Array(T)), array([1, T / 4, 3], uniform(7, 12))] as const;
    const [local, frames] = await Promise.all(slopes(...given).map((reading) => reading.read()));
    const depends = (values: ArrayLike<number>, width: number) =>
      Array.from({ length: values.length / width }, (_, i) =>
        Array.from(values)
          .slice(i * width, (i + 1) * width)
          .some((v) => v !== 0),
      );
    // The second layer looks back two steps; what the first adds at those is of their own.
    expect(depends(local, 2)).toEqual(Array.from({ length: T }, (_, at) => at === t || at === t - 2));
    expect(depends(frames, 3)).toEqual([false, false, true, false]);
  });
});

describe.each(FAMILIES)('sample by sample (%s)', (family) => {
  test.each([
    [{ ...small, dilations: nn.dilationStacks(2, 3) }],
    [{ ...small, dilations: [1, 3, 2], kernelSize: 3, globalChannels: 3 }],
    [{ ...small, dilations: [4, 1], kernelSize: 1, localChannels: 2 }],
    [{ ...small, dilations: [2, 5], globalChannels: 2, localChannels: 3 }],
  ])('as all at once: %o', async (settings: nn.WaveNetSettings) => {
    const own = await openTestEngine({ family, poison: true });
    nn.seed(8);
    const model = new nn.WaveNet(settings);
    const { globalChannels: G = 0, localChannels: L = 0 } = settings;
    const [B, T] = [2, 2 * model.receptiveField + 5];
    const codes = Uint32Array.from({ length: B * T }, (_, i) => (i * i * 5 + i) % 8);
    const [global, local] = [
      array([B, G || 1], uniform(1, B * (G || 1))),
      array([B, T, L || 1], uniform(2, B * T * (L || 1))),
    ];
    const all = own.record((x: Tensor, h: Tensor, y: Tensor) =>
      model.forward(x, { global: G ? h : undefined, local: L ? y : undefined }),
    );
    const wanted = await all(array([B, T], codes), global, local).read();
    const memory = new nn.Memory(B);
    const told = (given: typeof global, name: string) =>
      new State(given.shape, () => given.data as Float32Array, name);
    const next = model.stepper(memory, {
      global: G ? () => told(global, 'h') : undefined,
      local: L ? told(local, 'y') : undefined,
    });
    own.record(() => memory.prepare())();
    const step = own.record((x: Tensor) => {
      const y = next(x);
      memory.advance();
      return y;
    });
    for (let t = 0; t < T; t++) {
      const at = (data: ArrayLike<number>, width: number) =>
        [0, 1].flatMap((b) => Array.from(data).slice((b * T + t) * width, (b * T + t + 1) * width));
      const y = await step(array([B, 1], Uint32Array.from(at(codes, 1)))).read();
      expect(distance(y, at(wanted, 8)), `position ${t}`).toBeLessThan(1e-5);
    }
    own.destroy();
  });
});

test('sample by sample: conditions that cannot be', () => {
  const model = new nn.WaveNet({ ...small, dilations: [1], globalChannels: 4, localChannels: 2 });
  const local = new State([2, 9, 2], 'zeros', 'y');
  const begin = (conditions: nn.StepConditions) => () => {
    const memory = new nn.Memory(2);
    model.stepper(memory, conditions);
    engine.record(() => memory.prepare())();
  };
  expect(begin({ local })).toThrow(/its global condition is missing[^]*give one of \[2, 4\]/);
  expect(begin({ local, global: () => zeros([2, 3]) })).toThrow('its global condition is [2, 3]');
  expect(begin({ global: () => zeros([2, 4]) })).toThrow('its local condition is missing');
  const narrow = new State([2, 9, 1], 'zeros', 'y');
  expect(begin({ local: narrow })).toThrow(/is \[2, 9, 1\][^]*give one of \[2, 9, 2\]/);
});

test('repeated features are another way to make them longer', async () => {
  const repeat = engine.record((x: Tensor) => {
    const [B, F, C] = x.shape;
    return reshape(add(reshape(x, [B, F, 1, C]), zeros([1, 1, 3, 1])), [B, F * 3, C]);
  });
  const y = await repeat(array([1, 2, 2], Float32Array.of(1, 2, 3, 4))).read();
  expect([...y]).toEqual([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]);
});

test('settings and conditions that cannot be', () => {
  const make = (settings: Partial<nn.WaveNetSettings>) => () =>
    new nn.WaveNet({ ...small, dilations: [1], ...settings });
  expect(make({ dilations: [] })).toThrow('its dilations are []');
  expect(make({ dilations: [1, 0] })).toThrow('dilations is [1, 0]');
  expect(make({ skipChannels: 0 })).toThrow('skipChannels is 0');
  const run = (settings: Partial<nn.WaveNetSettings>, conditions: nn.Conditions) => () =>
    engine.record((x: Tensor) => make(settings)().forward(x, conditions))(array([2, 3], new Uint32Array(6)));
  expect(run({ globalChannels: 4 }, {})).toThrow(/its global condition is missing[^]*give one of \[2, 4\]/);
  expect(run({ globalChannels: 4 }, { global: zeros([3, 4]) })).toThrow('its global condition is [3, 4]');
  expect(run({}, { global: zeros([2, 4]) })).toThrow(/is \[2, 4\][^]*leave it out, or give globalChannels/);
  expect(run({ localChannels: 1 }, { local: zeros([2, 4, 1]) })).toThrow('its local condition is [2, 4, 1]');
});

test('ordered codes start near each other in the first layer and in the logits', () => {
  nn.seed(9);
  const model = new nn.WaveNet({ ...small, classes: 256, dilations: [1], ordered: true });
  const values = ({ initial, size }: { initial: unknown; size: number }) =>
    (initial as (size: number) => Float32Array)(size);
  const first = values(model.causal.weight);
  const last = values(model.post2.weight);
  const channels = first.length / 256;
  const apart = (a: number, b: number) => [
    Math.hypot(
      ...Array.from({ length: channels }, (_, c) => first[a * channels + c] - first[b * channels + c]),
    ),
    Math.hypot(...Array.from({ length: 16 }, (_, c) => last[c * 256 + a] - last[c * 256 + b])),
  ];
  const mean = (distance: number) =>
    [0, 1].map((i) => {
      const all = Array.from({ length: 256 - distance }, (_, code) => apart(code, code + distance)[i]);
      return all.reduce((sum, value) => sum + value) / all.length;
    });
  const [near, far] = [mean(1), mean(80)];
  near.forEach((value, i) => expect(value).toBeLessThan(far[i] / 2));
});
