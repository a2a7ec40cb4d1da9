// Every optimizer with every setting, step by step, against the same in doubles: gradients that are clipped and
// gradients that are not, decay as a penalty and as decay, momentum in both forms.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  crossEntropy,
  mul,
  nn,
  optim,
  Parameter,
  scale,
  square,
  sum,
  type Tensor,
} from '../../../src/index';
import { run } from '../../../src/runs/run';
import { addingTask } from '../../../src/tasks/adding/addingTask';
import normedGolden from '../../golden/normed.json';
import { openTestEngine, uniform } from '../../harness/engine';
import { compare, IGNORE } from '../../harness/golden';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const START = [0.5, -1, 2, 0.25, -4];
/** Of three steps: norms of about 3.7, 0.12 and 51. */
const GRADIENTS = [
  [1, -2, 3, 0.25, 0],
  [0.1, 0.05, -0.02, 0.01, 0.03],
  [-50, 10, 1, 0, -2],
];

interface Settings {
  learningRate: number;
  clipNorm?: number;
  weightDecay?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: readonly [number, number];
  alpha?: number;
  epsilon?: number;
}

/** A step of one weight: p, its gradient, what is kept of it, and the number of the step. */
type Rule = (p: number, g: number, kept: number[], t: number, s: Required<Settings>) => number;

const sgd: Rule = (p, g, kept, _t, { learningRate, momentum, nesterov, weightDecay }) => {
  const d = g + weightDecay * p;
  kept[0] = momentum * kept[0] + d;
  return p - learningRate * (nesterov ? d + momentum * kept[0] : kept[0]);
};

const rmsProp: Rule = (p, g, kept, _t, { learningRate, alpha, epsilon, momentum, weightDecay }) => {
  const d = g + weightDecay * p;
  kept[0] = alpha * kept[0] + (1 - alpha) * d * d;
  kept[1] = momentum * kept[1] + d / (Math.sqrt(kept[0]) + epsilon);
  return p - learningRate * kept[1];
};

const adamOf =
  (decoupled: boolean): Rule =>
  (p, g, kept, t, { learningRate, betas: [b1, b2], epsilon, weightDecay }) => {
    const d = g + (decoupled ? 0 : weightDecay * p);
    kept[0] = b1 * kept[0] + (1 - b1) * d;
    kept[1] = b2 * kept[1] + (1 - b2) * d * d;
    const step = kept[0] / (1 - b1 ** t) / (Math.sqrt(kept[1] / (1 - b2 ** t)) + epsilon);
    return p - (decoupled ? learningRate * weightDecay * p : 0) - learningRate * step;
  };

const DEFAULTS = {
  clipNorm: 0,
  momentum: 0,
  nesterov: false,
  betas: [0.9, 0.999],
  alpha: 0.99,
  epsilon: 1e-8,
} as const;

/** The weights after the last step, in doubles. */
function expected(rule: Rule, settings: Settings, weightDecay: number): number[] {
  const all = { ...DEFAULTS, weightDecay, ...settings } as Required<Settings>;
  const kept = START.map(() => [0, 0]);
  let weights = START;
  GRADIENTS.forEach((gradients, i) => {
    const clip = all.clipNorm ? Math.min(1, all.clipNorm / (Math.hypot(...gradients) + 1e-6)) : 1;
    weights = weights.map((p, j) => rule(p, clip * gradients[j], kept[j], i + 1, all));
  });
  return weights;
}

const CASES: [
  string,
  Rule,
  new (weights: Iterable<never>, settings: Settings) => optim.Optimizer,
  number,
  Settings,
][] = [
  ['SGD', sgd, optim.SGD, 0, { learningRate: 0.1 }],
  ['SGD', sgd, optim.SGD, 0, { learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, clipNorm: 1 }],
  ['SGD', sgd, optim.SGD, 0, { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
  ['RMSprop', rmsProp, optim.RMSprop, 0, { learningRate: 0.01 }],
  [
    'RMSprop',
    rmsProp,
    optim.RMSprop,
    0,
    { learningRate: 0.01, alpha: 0.8, momentum: 0.9, weightDecay: 0.1, clipNorm: 1, epsilon: 0.01 },
  ],
  ['Adam', adamOf(false), optim.Adam, 0, { learningRate: 0.01 }],
  [
    'Adam',
    adamOf(false),
    optim.Adam,
    0,
    { learningRate: 0.01, betas: [0.8, 0.95], weightDecay: 0.1, clipNorm: 1, epsilon: 0.01 },
  ],
  ['AdamW', adamOf(true), optim.AdamW, 0.01, { learningRate: 0.1 }],
  ['AdamW', adamOf(true), optim.AdamW, 0.01, { learningRate: 0.1, weightDecay: 0.5, clipNorm: 1 }],
];

describe('three steps, against doubles', () => {
  test.each(CASES)('%s (%#)', async (_name, rule, Made, decay, settings) => {
    const layer = new nn.Linear(START.length, 1, { bias: false });
    engine.write(layer.weight, Float32Array.from(START));
    const optimizer = new Made(layer.parameters() as Iterable<never>, settings);
    const step = engine.train((g: Tensor) => optimizer.minimizeWithNorm(sum(mul(layer.weight, g))));
    for (const gradients of GRADIENTS) {
      const { norm } = step(array([START.length, 1], gradients));
      expect((await norm.item()) / Math.hypot(...gradients)).toBeCloseTo(1, 5);
    }
    const found = (await engine.read(layer.weight)) as Float32Array;
    expected(rule, settings, decay).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
  });
});

test.each([optim.Adam, optim.RMSprop, optim.SGD])(
  '%o: parameters that no binding holds, part by part',
  async (Kind) => {
    const run = async (maxBindingBytes: number) => {
      const device = await openTestEngine();
      Object.assign(device.traits, { maxBindingBytes });
      const shapes = [[80, 256], [70, 256], [3]];
      const parameters = shapes.map((shape, i) => new Parameter(shape, (size) => uniform(i, size)));
      const optimizer = new Kind(parameters, { learningRate: 1e-2, clipNorm: 1 });
      const step = device.train(() => {
        const losses = parameters.map((parameter) => sum(square(parameter)));
        return optimizer.minimizeWithNorm(losses.reduce((a, b) => add(a, b))).norm;
      });
      const launches = step.plan().dispatches.length;
      step();
      const values = [
        await step().read(),
        await device.read(optimizer.flat),
        await device.read(optimizer.gradients),
      ];
      device.destroy();
      return { launches, values };
    };
    const [whole, parts] = [await run(2 ** 27), await run(2 ** 17)];
    expect(parts.launches).toBe(whole.launches + 2);
    expect(parts.values).toEqual(whole.values);
  },
);

test('a long update gives the bits of a short one', async () => {
  const run = async (maxBindingBytes: number) => {
    const device = await openTestEngine({ family: 'direct' });
    Object.assign(device.traits, { maxBindingBytes });
    const parameters = [1, 2, 3].map((i) => new Parameter([400_000], (size) => uniform(i, size)));
    const optimizer = new optim.Adam(parameters, { learningRate: 1e-2 });
    const step = device.train((x) => optimizer.apply(parameters.map((_, i) => scale(x, i + 1))));
    const x = array([400_000], uniform(4, 400_000));
    const { dispatches } = step.plan(x);
    step(x);
    const values = await device.read(optimizer.flat);
    device.destroy();
    return { each: dispatches.map(({ variant }) => variant.constants.EACH), values };
  };
  const [long, short] = [await run(2 ** 27), await run(2 ** 21)];
  expect(long.each).toContain(64);
  expect(short.each).not.toContain(64);
  // As a loop: of a million numbers toEqual takes seconds.
  expect(long.values.findIndex((value, i) => value !== short.values[i])).toBe(-1);
});

class Normed extends nn.Module {
  readonly first = new nn.Linear(5, 8);
  readonly norm = new nn.LayerNorm(8);
  readonly head = new nn.Linear(8, 6);

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.norm.forward(this.first.forward(x)));
  }
}

const isMatrix = ({ shape }: Parameter) => shape.length > 1;

describe('parameters that decay, and others that do not', () => {
  test('ten steps as of PyTorch’s AdamW with two groups of parameters', async () => {
    const model = new Normed();
    const options = { learningRate: 0.01, betas: [0.9, 0.99], weightDecay: 2, clipNorm: 0.4 } as const;
    const adamw = new optim.AdamW(model.parameters(), { ...options, decays: isMatrix });
    await compare(engine, normedGolden, model, adamw, (x, y) =>
      crossEntropy(model.forward(x), y, { ignoreIndex: IGNORE }),
    );
  });

  const rate = { learningRate: 0.01 };
  const kinds: [string, (weights: Parameter[], decay: object) => optim.Optimizer][] = [
    ['SGD', (weights, decay) => new optim.SGD(weights, { ...rate, momentum: 0.5, ...decay })],
    ['RMSprop', (weights, decay) => new optim.RMSprop(weights, { ...rate, ...decay })],
    ['Adam', (weights, decay) => new optim.Adam(weights, { ...rate, ...decay })],
    ['AdamW', (weights, decay) => new optim.AdamW(weights, { ...rate, ...decay })],
  ];
  /** Two steps of each; how many launches update the parameters. */
  const train = (...optimizers: [optim.Optimizer, Parameter[]][]) => {
    const step = engine.train(() => optimizers.forEach(([one, all]) => void one.apply(all.map(square))));
    step();
    step();
    optimizers.forEach(([one]) => one.destroy());
    return step.plan().dispatches.filter(({ variant }) => 'CLIP' in variant.constants).length;
  };
  const rounds: [(parameter: Parameter) => boolean, number][] = [
    [isMatrix, 2],
    [(parameter) => !isMatrix(parameter), 2],
    // It lies behind the matrices and before the other vectors.
    [({ size }) => size === 7, 3],
  ];
  test.each(kinds)('%s: the bits of two optimizers, also on the buffer of another', async (_name, make) => {
    const shapes = [[7], [160, 256], [3], [160, 256], [1]];
    const together = shapes.map((shape, i) => new Parameter(shape, (size) => uniform(i, size)));
    for (const [decays, launches] of rounds) {
      const apart = await Promise.all(
        together.map(async (one) => {
          const values = await engine.read(one);
          return new Parameter(one.shape, () => values);
        }),
      );
      const [some, others] = [true, false].map((which) => apart.filter((one) => decays(one) === which));
      expect(train([make(together, { weightDecay: 0.5, decays }), together])).toBe(launches);
      train([make(some, { weightDecay: 0.5 }), some], [make(others, { weightDecay: 0 }), others]);
      for (const [i, parameter] of together.entries()) {
        const [found, wanted] = [await engine.read(parameter), await engine.read(apart[i])];
        expect(found.findIndex((value, j) => value !== wanted[j])).toBe(-1);
      }
    }
  });
});

test('a run whose recipe says that matrices decay keeps its biases', async () => {
  const weightsOf = async (learningRate: number) => {
    const recipe = { model: 'gru', hidden: 4, levels: 1, optimizer: 'adamw', learningRate } as const;
    const more = { weightDecay: 1e5, decays: 'matrices', steps: 1, evaluateEvery: 1, seed: 1 } as const;
    const { model } = await run({
      engine,
      task: addingTask({ length: 4, batch: 2 }),
      recipe: { ...recipe, ...more },
    });
    return Promise.all(
      [...model.namedParameters()].map(async ([, one]) => [one, await engine.read(one)] as const),
    );
  };
  const [before, after] = [await weightsOf(0), await weightsOf(1e-6)];
  const axes = before.map(([{ shape }]) => shape.length);
  expect(new Set(axes)).toEqual(new Set([1, 2]));
  axes.forEach((count, i) =>
    after[i][1].forEach((value, j) => expect(value).toBeCloseTo(before[i][1][j] * (count > 1 ? 0.9 : 1), 5)),
  );
});
