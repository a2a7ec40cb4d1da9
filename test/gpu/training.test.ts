// Ten training steps of every recurrent model and of the TCN against PyTorch: losses within 1e-4, the
// gradients of the first step within 1e-4, and the parameters after the last. test/golden/make.py made the
// numbers. Initial values come in under PyTorch's names and in its layout, as a checkpoint would.

import { expect, test } from 'vitest';
import {
  array,
  assign,
  binaryCrossEntropy,
  crossEntropy,
  nn,
  optim,
  State,
  type Engine,
  type Tensor,
} from '../../src/index';
import { toTorch } from '../../src/nn/layout';
import { loadCheckpoint } from '../../src/train/checkpoint';
import { openTestEngine } from '../harness/engine';
import gruGolden from '../golden/gru.json';
import lstmGolden from '../golden/lstm.json';
import rnnGolden from '../golden/rnn.json';
import tcnGolden from '../golden/tcn.json';

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly parameters: Readonly<Record<string, Stored>>;
  readonly gradients: Readonly<Record<string, Stored>>;
  readonly finalParameters: Readonly<Record<string, Stored>>;
  readonly steps: readonly { readonly inputs: Stored; readonly targets: Stored }[];
  readonly losses: readonly number[];
}

const IGNORE = 0xffffffff;
const families = ['direct', 'workgroup'] as const;

class Tagger extends nn.Module {
  readonly head: nn.Linear;

  constructor(
    readonly rnn: nn.RNN | nn.LSTM | nn.GRU,
    hidden: number,
    outputs: number,
  ) {
    super();
    this.head = new nn.Linear(hidden, outputs);
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.rnn.forward(x));
  }
}

class Convolutional extends nn.TCN {
  readonly head = new nn.Linear(8, 5);

  constructor() {
    super(5, [8, 8], { kernelSize: 3 });
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(super.forward(x));
  }
}

type Loss = (x: Tensor, targets: Tensor) => Tensor;

async function compare(
  engine: Engine,
  golden: Golden,
  model: nn.Module,
  optimizer: optim.Optimizer,
  loss: Loss,
) {
  const tensors = Object.entries(golden.parameters).map(([name, { shape, data }]) => {
    return [name, { shape, data: Float32Array.from(data) }] as const;
  });
  loadCheckpoint(engine, { tensors: new Map(tensors), metadata: {} }, 'golden', { model });
  const step = engine.train((x, targets) => optimizer.minimize(loss(x, targets)));
  for (const [i, { inputs, targets }] of golden.steps.entries()) {
    const wanted = golden.losses[i];
    const classes = targets.shape.length === 2;
    const y = classes
      ? Uint32Array.from(targets.data, (t) => (t < 0 ? IGNORE : t))
      : Float32Array.from(targets.data);
    const found = await step(
      array(inputs.shape, Float32Array.from(inputs.data)),
      array(targets.shape, y),
    ).item();
    expect(Math.abs(found / wanted - 1), `loss of step ${i}: ${found} instead of ${wanted}`).toBeLessThan(
      1e-4,
    );
    if (i === 0) {
      const gradients = (await engine.read(optimizer.gradients)) as Float32Array;
      for (const [name, parameter] of model.namedParameters()) {
        const { offset } = parameter.home!;
        near(
          toTorch(parameter, gradients.slice(offset, offset + parameter.size)),
          golden.gradients[name],
          1e-4,
          name,
        );
      }
    }
  }
  for (const [name, parameter] of model.namedParameters()) {
    const values = (await engine.read(parameter)) as Float32Array;
    near(toTorch(parameter, values), golden.finalParameters[name], 1e-3, `${name} at the end`);
  }
}

function near(found: Float32Array, { data }: Stored, tolerance: number, what: string): void {
  expect(found.length, what).toBe(data.length);
  const scale = Math.max(...data.map(Math.abs), 1e-6);
  const worst = Math.max(...data.map((value, i) => Math.abs(value - found[i]) / scale));
  expect(worst, `${what}: worst relative error`).toBeLessThan(tolerance);
}

for (const family of families) {
  test(`RNN, SGD with momentum (${family})`, async () => {
    const engine = await openTestEngine({ family });
    const model = new Tagger(new nn.RNN(5, 7), 7, 4);
    const sgd = new optim.SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
    await compare(engine, rnnGolden, model, sgd, (x, y) =>
      crossEntropy(model.forward(x), y, { ignoreIndex: IGNORE }),
    );
    engine.destroy();
  });

  test(`LSTM, Adam, state carried over (${family})`, async () => {
    const engine = await openTestEngine({ family });
    const model = new Tagger(new nn.LSTM(6, 9), 9, 5);
    const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2 });
    const start = lstmGolden.initialState as Readonly<Record<string, Stored>>;
    const [h, c] = ['h', 'c'].map((name) => {
      const { data } = start[name] ?? start[`${name}0`];
      return new State([3, 9], () => Float32Array.from(data), name);
    });
    await compare(engine, lstmGolden, model, adam, (x, targets) => {
      const { y, states } = model.rnn.unroll(x, [{ h, c }]);
      assign(h, states[0].h);
      assign(c, states[0].c!);
      return crossEntropy(model.head.forward(y), targets, { ignoreIndex: IGNORE });
    });
    engine.destroy();
  });

  test(`GRU, Nesterov momentum, clipping (${family})`, async () => {
    const engine = await openTestEngine({ family });
    const model = new Tagger(new nn.GRU(6, 9), 9, 5);
    const options = { learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm: 0.25 };
    const sgd = new optim.SGD(model.parameters(), options);
    await compare(engine, gruGolden, model, sgd, (x, y) =>
      crossEntropy(model.forward(x), y, { ignoreIndex: IGNORE }),
    );
    engine.destroy();
  });

  test(`TCN, AdamW, clipping (${family})`, async () => {
    const engine = await openTestEngine({ family });
    const model = new Convolutional();
    const adam = new optim.AdamW(model.parameters(), { learningRate: 1e-2, clipNorm: 0.4 });
    await compare(engine, tcnGolden, model, adam, (x, y) => binaryCrossEntropy(model.forward(x), y));
    engine.destroy();
  });
}
