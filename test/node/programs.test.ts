// What a task makes of a recipe: the model, and the graphs of its loss and of what it measures.

import { describe, expect, test } from 'vitest';
import { array, type HostArray } from '../../src/graph/host';
import { type Call, Tensor } from '../../src/graph/tensor';
import { onTape } from '../../src/graph/tape';
import { PIXELS, VALIDATION_IMAGES } from '../../src/data/mnist';
import { makeCorpus } from '../../src/data/text';
import type { Speaker, SpokenDigits } from '../../src/data/spokenDigits';
import { Random } from '../../src/random';
import { addingTask } from '../../src/tasks/adding/addingTask';
import { copyTask } from '../../src/tasks/copy/copyTask';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { makeLanguageModel } from '../../src/tasks/text/languageModels';
import { mnistTask } from '../../src/tasks/mnist/mnistTask';
import { musicTask } from '../../src/tasks/music/musicTask';
import type { Recipe } from '../../src/runs/run';
import { SoundModel } from '../../src/models/soundModel';
import { NO_SAMPLE, digitsTask } from '../../src/tasks/digits/digitsTask';
import type { Program, Task } from '../../src/tasks/task';
import { TINY_TEXTS } from '../fixtures/tinyText';

const recipe: Recipe = {
  ...{ model: 'lstm', hidden: 4, levels: 1, kernelSize: 2, embedding: 3, optimizer: 'sgd', learningRate: 1 },
  ...{ steps: 1, evaluateEvery: 1, seed: 1 },
} as const;

/** Calls that a recording has, and what it writes to. */
function recorded(
  body: (...inputs: Tensor[]) => Tensor | Readonly<Record<string, Tensor>>,
  batch: readonly HostArray[],
) {
  const inputs = batch.map(({ shape, data }, i) => {
    const dtype = data instanceof Uint32Array ? 'u32' : 'f32';
    return new Tensor(shape, dtype, { kind: 'input', name: `x${i}` });
  });
  const { result, tape } = onTape(true, () => body(...inputs));
  const calls: Call[] = [];
  const visit = ({ source }: Tensor): void => {
    if (source.kind !== 'call' || calls.includes(source.call)) return;
    Object.values(source.call.inputs).forEach(visit);
    calls.push(source.call);
  };
  const results = result instanceof Tensor ? { loss: result } : result;
  Object.values(results).forEach(visit);
  const all = (name: string) => calls.filter(({ op }) => op.name === name);
  return {
    inputs,
    names: Object.keys(results),
    shapes: Object.values(results).map(({ shape }) => shape),
    all,
    writes: tape.effects.length,
  };
}

/** What a view looks at. */
const root = (x: Tensor): Tensor =>
  x.source.kind === 'call' && x.source.call.op.view ? root(Object.values(x.source.call.inputs)[0]) : x;

const first = (task: Task) => task.source(new Random(1)).next();
const lossOf = (task: Task, program: Program) => recorded((...all) => program.loss(...all), first(task));
const measuresOf = (task: Task, program: Program) =>
  recorded((...all) => program.measures(...all), [...task.batches('valid')][0]);

describe('sequences', () => {
  test('copy memory: all steps are asked for, the accuracy is of the digits', () => {
    const task = copyTask({ length: 5, batch: 2 });
    const loss = lossOf(task, task.program(recipe));
    expect(loss.shapes).toEqual([[]]);
    const { names, all } = measuresOf(task, task.program(recipe));
    expect(names).toEqual(['cross-entropy', 'accuracy']);
    const [accuracy] = all('accuracy');
    expect(accuracy.attrs.ignore).toBe(0);
    expect([task.metric, task.name]).toEqual(['cross-entropy', 'copy']);
  });

  test('adding: the last step alone is asked for', () => {
    const task = addingTask({ length: 6, batch: 2 });
    const { all } = lossOf(task, task.program(recipe));
    // The head sees [B, hidden].
    const heads = all('matmul').filter(({ outputs }) => outputs.y.shape.at(-1) === 1);
    expect(heads.map(({ outputs }) => outputs.y.shape)).toEqual([[2, 1]]);
    expect(measuresOf(task, task.program(recipe)).names).toEqual(['mean squared error']);
    expect(task.metric).toBe('mean squared error');
  });

  test('images: the last pixel alone is asked for', () => {
    const images = (count: number) => ({
      ...{ pixels: new Uint8Array(count * PIXELS), labels: new Uint8Array(count) },
    });
    const mnist = { train: images(VALIDATION_IMAGES + 2), test: images(2) };
    const task = mnistTask({ mnist, batch: 2, evaluationImages: 2 });
    const program = task.program({ ...recipe, model: 'tcn' });
    const loss = lossOf(task, program);
    expect(loss.all('crossEntropy').map(({ inputs }) => inputs.logits.shape)).toEqual([[2, 10]]);
    expect(measuresOf(task, program).names).toEqual(['cross-entropy', 'accuracy']);
  });

  test('music: steps that are padding do not count, in the loss and in the measure', () => {
    const piece = (steps: number) => Array.from({ length: steps }, () => [1, 5]);
    const split = [piece(5), piece(30), piece(17)];
    const music = { name: 'Tiny', keys: 88, train: split, valid: split, test: [piece(70)] };
    const task = musicTask({ music, batch: 2 });
    for (const found of [lossOf(task, task.program(recipe)), measuresOf(task, task.program(recipe))]) {
      const losses = found.all('elementLoss');
      expect(losses).toHaveLength(1);
      const { t, w } = losses[0].inputs;
      expect([root(t), root(w)]).toEqual([found.inputs[1], found.inputs[2]]);
    }
    expect(measuresOf(task, task.program(recipe)).names).toEqual([task.metric]);
    // The longest piece of all splits, rounded up to 16.
    expect(task.longest).toBe(80);
    expect(musicTask({ music, batch: 2, bucket: 10 }).longest).toBe(70);
    expect(task.stepsPerEpoch).toBe(2);
  });

  test('music: one epoch after the other, every piece once, and a place in them can be saved', () => {
    const piece = (key: number) => [[key], [key]];
    const split = [1, 2, 3, 4, 5].map(piece);
    const task = musicTask({
      music: { name: 'Tiny', keys: 88, train: split, valid: split, test: split },
      batch: 2,
    });
    const keys = ([{ data }]: readonly HostArray[]) => [...data].flatMap((on, at) => (on ? [at % 88] : []));
    const source = task.source(new Random(3));
    const epochs = [0, 1].map(() => [source.next(), source.next(), source.next()].flatMap(keys));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    const again = task.source(new Random(3));
    for (let i = 0; i < 4; i++) again.next();
    const other = task.source(new Random(9));
    other.restore(JSON.parse(JSON.stringify(again.save())) as never);
    expect([other.next(), other.next()].flatMap(keys)).toEqual(epochs[1].slice(2));
  });
});

describe('text', () => {
  const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);
  const task = (more = {}) => languageTask({ corpus, batch: 4, bptt: 8, ...more });

  test('the state goes on, times what is kept, of training and evaluation apart', () => {
    const program = task().program(recipe);
    const loss = lossOf(task(), program);
    expect(loss.writes).toBe(2);
    const kept = loss.all('mul').filter(({ inputs }) => Object.values(inputs).includes(loss.inputs[2]));
    expect(kept.map(({ inputs }) => inputs.a)).toEqual(Object.values(program.carried!));
    const measures = measuresOf(task(), program);
    expect([measures.names, measures.writes]).toEqual([['nats'], 2]);
    const own = measures
      .all('mul')
      .filter(({ inputs }) => Object.values(inputs).includes(measures.inputs[2]));
    expect(own.map(({ inputs }) => inputs.a.shape)).toEqual([
      [10, 4],
      [10, 4],
    ]);
  });

  test('without carrying every segment begins with nothing', () => {
    const program = task().program({ ...recipe, carry: false });
    expect(lossOf(task(), program).writes).toBe(0);
    expect(measuresOf(task(), program).writes).toBe(0);
  });

  test('a layer without a cell carries its state alone', () => {
    const program = task().program({ ...recipe, model: 'gru', levels: 2 });
    expect(Object.keys(program.carried!)).toEqual(['h_l0', 'h_l1']);
    expect(lossOf(task(), program).writes).toBe(2);
  });

  test('the first segment begins with nothing, the next with what was kept; a place can be saved', () => {
    const source = task().source(new Random(1));
    const keep = (batch: readonly HostArray[]) => batch[2].data[0];
    const kept = [source.next(), source.next()].map(keep);
    expect(kept).toEqual([0, 1]);
    const other = task().source(new Random(2));
    other.restore(source.save() as never);
    expect(other.next()).toEqual(source.next());
    for (const window of task().windows('test', { k: 3, longest: 3, places: 4 }))
      expect(keep(window)).toBe(0);
    const { batches, anchors } = task();
    expect([...batches('valid')].map(keep).slice(0, 2)).toEqual([0, 1]);
    expect(anchors.map(({ name }) => name)).toEqual(['unigram', 'bigram']);
  });

  test('of what is shown again nothing is asked', () => {
    const led = task({ trainLead: 3, lead: 5 });
    const program = led.program({ ...recipe, model: 'tcn' });
    const source = led.source(new Random(1));
    source.next();
    const batch = source.next();
    expect(batch[0].shape).toEqual([4, 11]);
    const { all } = recorded((...inputs) => program.loss(...inputs), batch);
    expect(all('crossEntropy')[0].inputs.logits.shape.slice(0, -1)).toEqual([4, 8]);
  });

  test('which model a recipe is, and what bounds its inputs', () => {
    const made = (given: Partial<Recipe>) => makeLanguageModel(50, { ...recipe, ...given }, 16);
    const names = (['lstm', 'gru', 'rnn', 'gcnn', 'tcn', 'wavenet', 'transformer'] as const).map(
      (model) => made({ model, heads: 1 }).constructor.name,
    );
    expect(names).toEqual([
      'LanguageModel',
      'LanguageModel',
      'LanguageModel',
      'GatedConvLM',
      'TCNLM',
      'WaveNetLM',
      'TransformerLM',
    ]);
    expect(() => made({ model: 'mlp' as never })).toThrow(
      /no model called mlp[^]*use one of tcn, lstm, gru, rnn/,
    );
    // An embedding is as wide as what reads it, where nothing else is said.
    const tables = (['lstm', 'gcnn', 'tcn', 'wavenet'] as const).map((model) =>
      [undefined, 3].map((embedding) =>
        [...made({ model, embedding }).namedParameters().values()][0].shape.at(-1)!,
      ),
    );
    expect(tables).toEqual(Array.from({ length: 4 }, () => [4, 3]));
    expect(() => made({ model: 'transformer' })).toThrow(/A transformer needs heads[^]*give heads/);
    const value = (given: Partial<Recipe>) =>
      Object.entries(made(given)).find(([name]) => name === 'inputBound')![1];
    expect(value({})).toBe(Infinity);
    expect(value({ stable: 0.9 })).toBe(1);
    expect(value({ stable: 0.9, bounds: 'paper-v4' })).toBe(0.75);
    expect(value({ stable: 0.9, inputBound: 0.3 })).toBe(0.3);
    expect(value({ model: 'rnn', stable: 0.9 })).toBe(Infinity);
  });
});

describe('sound', () => {
  const both = (code: number) =>
    (['jackson', 'george'] as Speaker[]).map((speaker, digit) => ({
      speaker,
      digit,
      codes: new Uint8Array(40).fill(code),
    }));
  const digits: SpokenDigits = { train: both(1), valid: both(2), test: both(3) };
  const task = digitsTask({ digits, batch: 3, length: 16 });
  const wavenet = { model: 'wavenet', levels: 2, hidden: 4, stacks: 1, skip: 4 } as const;

  test('padding is not asked for, and every speaker is measured', () => {
    for (const given of [{}, wavenet]) {
      const program = task.program({ ...recipe, ...given });
      const loss = lossOf(task, program);
      expect(loss.all('crossEntropy').map(({ attrs }) => attrs.ignore)).toEqual([NO_SAMPLE]);
      expect(measuresOf(task, program).names).toEqual([
        'nats',
        'jackson',
        'of jackson',
        'george',
        'of george',
      ]);
    }
  });

  test('a wavenet that sees more than a piece has is refused', () => {
    expect(() => task.program({ ...recipe, ...wavenet, levels: 8 })).toThrow(
      /this wavenet sees \d+ samples, and a piece has 16/,
    );
    expect(() => task.program({ ...recipe, ...wavenet })).not.toThrow();
    // It sees 1 + 1 + (1 + 2) = 5.
    const short = (length: number) =>
      digitsTask({ digits, batch: 3, length }).program({ ...recipe, ...wavenet });
    expect(() => short(5)).not.toThrow();
    expect(() => short(4)).toThrow(/sees 5 samples, and a piece has 4[^]*at least 5 \(length\)/);
  });

  test('a Transformer has positions for the longest recording, or for a piece where only those are read', () => {
    const longest = (more: object) => {
      const all = digitsTask({ digits, batch: 3, length: 16, ...more });
      const heads = { model: 'transformer', heads: 1, positions: 'learned', embedding: 5 } as const;
      const { model } = all.program({ ...recipe, ...heads });
      return [...model.namedParameters()].find(([name]) => name.includes('position'))![1].shape;
    };
    expect(longest({})).toEqual([2048, 4]);
    expect(longest({ evaluationPieces: 2 })).toEqual([16, 4]);
  });

  test('a place in training can be saved', () => {
    const source = task.source(new Random(1));
    source.next();
    const other = task.source(new Random(2));
    other.restore(source.save() as never);
    expect(other.next()).toEqual(source.next());
  });

  test('a recurrent model goes on from a state, a wavenet has none', () => {
    const codes = array([2, 8], new Uint32Array(16));
    const who = array([2], new Uint32Array(2));
    for (const [given, states] of [
      [{}, 1],
      [wavenet, 0],
    ] as const) {
      const model = new SoundModel({ ...recipe, ...given }, { longest: 16 });
      const { shapes } = recorded(
        (x, s, d) => {
          const { y, states: after } = model.unroll(x, model.zeroState(2), s, d);
          return { y, ...Object.fromEntries(after.map(({ h }, l) => [`h${l}`, h])) };
        },
        [codes, who, who],
      );
      expect(shapes).toEqual([[2, 8, 256], ...Array.from({ length: states }, () => [2, 4])]);
    }
  });

  test('the head starts small, and alike for codes that are near', () => {
    const { sequence } = new SoundModel({ ...recipe, hidden: 9, condition: 'none' }, { longest: 16 });
    const { weight } = sequence!.linear;
    const values = weight.initial === 'zeros' ? [] : [...weight.initial(weight.size)];
    const power = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    // A variance of 1/hidden.
    expect(power * 9).toBeGreaterThan(0.5);
    expect(power * 9).toBeLessThan(2);
    const step = (by: number) =>
      values.slice(by).reduce((sum, value, i) => sum + (value - values[i]) ** 2, 0) / values.length / power;
    // [hidden, codes]: a neighbour is a code further.
    expect(step(1)).toBeLessThan(0.2);
  });

  test('what a model is told of a recording', () => {
    const told = (condition: Recipe['condition'], given: Partial<Recipe> = {}) => {
      const { digit, speaker } = new SoundModel({ ...recipe, ...given, condition }, { longest: 16 });
      return [digit, speaker].map((one) => one && one.weight.shape);
    };
    expect(told('none')).toEqual([null, null]);
    expect(told('digit')).toEqual([[10, 3], null]);
    expect(told('speaker')).toEqual([null, [2, 3]]);
    expect(told('both')).toEqual([
      [10, 3],
      [2, 3],
    ]);
    expect(told(undefined, wavenet)).toEqual([
      [10, 32],
      [2, 32],
    ]);
    const model = new SoundModel({ ...recipe, condition: 'none' }, { longest: 16 });
    const { all } = recorded((codes) => model.forward(codes), [array([2, 8], new Uint32Array(16))]);
    expect(all('embedding')).toHaveLength(1);
    const known = new SoundModel({ ...recipe }, { longest: 16 });
    const batch = [
      array([2, 8], new Uint32Array(16)),
      array([2], new Uint32Array(2)),
      array([2], new Uint32Array(2)),
    ];
    expect(
      recorded((...inputs) => known.forward(...(inputs as [Tensor, Tensor, Tensor])), batch).all('embedding'),
    ).toHaveLength(3);
    expect([
      known.zeroState(2).length,
      new SoundModel({ ...recipe, ...wavenet }).zeroState(2).length,
    ]).toEqual([1, 0]);
  });
});
