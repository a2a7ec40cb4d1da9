// Ten training steps of every recurrent model and of the TCN against PyTorch: losses within 1e-4, the
// gradients of the first step within 1e-4, and the parameters after the last. test/golden/make.py made the
// numbers. Initial values come in under PyTorch's names and in its layout, as a checkpoint would.

import { test } from 'vitest';
import { assign, binaryCrossEntropy, crossEntropy, nn, optim, State, type Tensor } from '../../src/index';
import { CHROME, familiesBut, openTestEngine } from '../harness/engine';
import { compare, IGNORE, type Stored } from '../harness/golden';
import gruGolden from '../golden/gru.json';
import lstmGolden from '../golden/lstm.json';
import minGruGolden from '../golden/minGru.json';
import minLstmGolden from '../golden/minLstm.json';
import rnnGolden from '../golden/rnn.json';
import tcnGolden from '../golden/tcn.json';

/** Chrome and Deno have the ops in the other family. */
const families = CHROME || 'Deno' in globalThis ? (['workgroup'] as const) : familiesBut('workgroup');

type Recurrent = nn.RNN | nn.LSTM | nn.GRU | nn.MinGRU | nn.MinLSTM;

class Tagger extends nn.Module {
  readonly head: nn.Linear;

  constructor(
    readonly rnn: Recurrent,
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

  // PyTorch scans logarithms there, as the paper does.
  for (const [name, golden, Layer] of [
    ['MinGRU', minGruGolden, nn.MinGRU],
    ['MinLSTM', minLstmGolden, nn.MinLSTM],
  ] as const) {
    test(`${name} of two layers, Adam (${family})`, async () => {
      const engine = await openTestEngine({ family });
      const model = new Tagger(new Layer(6, 9, { layers: 2 }), 9, 5);
      const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2 });
      await compare(engine, golden, model, adam, (x, y) =>
        crossEntropy(model.forward(x), y, { ignoreIndex: IGNORE }),
      );
      engine.destroy();
    });
  }

  test(`TCN, AdamW, clipping (${family})`, async () => {
    const engine = await openTestEngine({ family });
    const model = new Convolutional();
    const adam = new optim.AdamW(model.parameters(), { learningRate: 1e-2, clipNorm: 0.4 });
    await compare(engine, tcnGolden, model, adam, (x, y) => binaryCrossEntropy(model.forward(x), y));
    engine.destroy();
  });
}
