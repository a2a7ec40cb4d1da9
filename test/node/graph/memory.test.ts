// Where tensors live. The property test replays plans of random graphs on a memory of values: every read must
// find what its tensor stands for, whatever lifetimes and slots the planner has thought of.

import { describe, expect, test } from 'vitest';
import { assign } from '../../../src/graph/assign';
import { gradient } from '../../../src/graph/gradient';
import { explainPlan, totalOf } from '../../../src/plan/explain';
import { planMemory, type Memory, type Place } from '../../../src/plan/memory';
import { defineOp } from '../../../src/graph/op';
import { type Call, Tensor } from '../../../src/graph/tensor';
import type { PlannedDispatch } from '../../../src/plan/launch';
import { makePlan } from '../../../src/plan/makePlan';
import type { Plan } from '../../../src/plan/plan';
import { schedule } from '../../../src/plan/schedule';
import { onTape } from '../../../src/graph/tape';
import { Flat, Parameter, State, aligned } from '../../../src/graph/state';
import type { Shape } from '../../../src/graph/shape';
import { LEAST } from '../../../src/graph/traits';
import { Embedding } from '../../../src/nn/embedding';
import { Linear } from '../../../src/nn/linear';
import { LSTM } from '../../../src/nn/recurrent';
import { Sequential } from '../../../src/nn/sequential';
import { add, mul } from '../../../src/ops/elementwise/binary';
import { constant } from '../../../src/ops/elementwise/constant';
import { crossEntropy } from '../../../src/ops/loss/crossEntropy';
import { matmul } from '../../../src/ops/matmul/matmul';
import { mean, sum } from '../../../src/ops/reduce/reduce';
import { exp, relu, scale, sigmoid, square, tanh } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';
import { Adam } from '../../../src/optim/adam';
import { SGD } from '../../../src/optim/sgd';
import { Random } from '../../../src/random';
import { kernel } from '../../../src/wgsl/reflect';

const input = (shape: Shape) => new Tensor(shape, 'f32', { kind: 'input', name: 'x' });

interface Recorded {
  readonly inputs: Tensor[];
  readonly outputs: Tensor[];
  readonly effects: readonly Call[];
}

function record(shapes: readonly Shape[], body: (...x: Tensor[]) => Tensor | Tensor[] | void): Recorded {
  const inputs = shapes.map(input);
  const { result, tape } = onTape(true, () => body(...inputs));
  return {
    inputs,
    outputs: result instanceof Tensor ? [result] : [...(result ?? [])],
    effects: tape.effects,
  };
}

const planOf = (...given: Parameters<typeof record>): Plan => makePlan(record(...given), LEAST);
const launches = ({ dispatches }: Plan) => dispatches.map(({ label }) => label);
const slotOf = ({ memory }: Plan, x: Tensor): number => {
  const { home } = memory.place(x);
  return home.kind === 'slot' ? home.slot : -1;
};

describe('slots', () => {
  test('a chain needs two beside its argument, however long it is', () => {
    const plan = planOf([[100]], (x) => {
      let y = x;
      for (let i = 0; i < 50; i++) y = i % 2 ? tanh(y) : exp(y);
      return y;
    });
    expect(plan.memory.slots).toEqual([128, 128, 128]);
    expect(totalOf(plan)).toBe(51 * 128);
  });

  test('what lives until the end keeps its own, an argument among it', () => {
    const plan = planOf([[64]], (x) => {
      const list = [tanh(x), exp(x), square(x)];
      return list.reduce((a, b) => mul(b, a));
    });
    expect(plan.memory.slots.length).toBe(5);
  });

  test('a result is never overwritten, and its slot is kept', () => {
    const plan = planOf([[64]], (x) => {
      const first = tanh(x);
      return [first, exp(exp(exp(first)))];
    });
    const [a, b] = plan.outputs.map((x) => slotOf(plan, x));
    expect(plan.memory.kept).toEqual(new Set([a, b]));
    const writers = (slot: number) =>
      plan.dispatches.filter(({ bindings }) => bindings.some((one) => one.writes && inSlot(one.place, slot)));
    expect(writers(a)).toHaveLength(1);
    expect(writers(b).at(-1)).toBe(plan.dispatches.at(-1));
  });

  test('every input has one of its own, used or not', () => {
    const plan = planOf([[64], [64], [64]], (a, b) => add(a, b));
    expect(new Set(plan.inputs.map((x) => slotOf(plan, x))).size).toBe(3);
  });

  test('are as large as their largest tenant, in whole blocks of 256 bytes', () => {
    const plan = planOf([[3], [130]], (a, b) => add(sum(tanh(b)), sum(tanh(a))));
    for (const size of plan.memory.slots) expect(size % 64).toBe(0);
    expect(Math.max(...plan.memory.slots)).toBe(192);
  });

  test('a small tensor takes the small one', () => {
    const plan = planOf([[1000], [10]], (large, small) => {
      const a = sum(exp(large));
      const b = sum(exp(small));
      return add(a, tanh(b));
    });
    expect(plan.memory.slots.filter((size) => size >= 1000).length).toBe(2);
  });
});

describe('shared storage', () => {
  test('views', () => {
    const plan = planOf([[4, 6]], (x) => {
      const h = tanh(x);
      return [h, reshape(h, [24]), reshape(reshape(h, [2, 12]), [6, 4])];
    });
    const [first, ...rest] = plan.outputs.map((x) => plan.memory.place(x));
    for (const place of rest) expect(place).toEqual(first);
  });

  test('a view of an input, of a constant, and of a member of a flat buffer', () => {
    const [p, q] = [new Parameter([70], 'zeros'), new Parameter([6], 'zeros')];
    const flat = new Flat([p, q], 'parameters');
    const views: Tensor[] = [];
    const plan = planOf([[6]], (x) => {
      views.push(reshape(x, [2, 3]), reshape(constant([6], 1), [3, 2]), reshape(q, [1, 6]));
      return views.map((view) => exp(view));
    });
    const places = views.map((x) => plan.memory.place(x));
    expect(places[0]).toEqual(plan.memory.place(plan.inputs[0]));
    expect(places[1].home.kind).toBe('constant');
    expect(places[2]).toEqual({ home: { kind: 'state', state: flat }, offset: 128 });
  });

  test('a view keeps what it shows alive', () => {
    const plan = planOf([[8]], (x) => {
      const h = tanh(x);
      const view = reshape(h, [2, 4]);
      let y = exp(h);
      for (let i = 0; i < 4; i++) y = i % 2 ? tanh(y) : exp(y);
      return add(reshape(y, [2, 4]), view);
    });
    const [first] = plan.dispatches;
    const home = first.bindings.find(({ writes }) => writes)!.place.home;
    const rewriters = plan.dispatches
      .slice(1, -1)
      .filter(({ bindings }) => bindings.some((b) => b.writes && same(b.place.home, home)));
    expect(rewriters).toEqual([]);
  });

  test('members of a flat buffer start at multiples of 256 bytes', () => {
    const members = [new State([3]), new State([64]), new State([]), new State([65])];
    const flat = new Flat(members, 'all');
    expect(members.map(({ home }) => home!.offset)).toEqual([0, 64, 128, 192]);
    expect(flat.size).toBe(320);
  });
});

const inSlot = ({ home }: Place, slot: number) => home.kind === 'slot' && home.slot === slot;
const same = (a: Place['home'], b: Place['home']) => keyOf(a) === keyOf(b);

describe('gradients in a flat buffer', () => {
  const parameters = (...shapes: Shape[]) => shapes.map((shape) => new Parameter(shape, 'zeros'));

  test('of a perceptron are written in place: nothing is copied', () => {
    const [w1, b1, w2, b2] = parameters([5, 7], [7], [7, 3], [3]);
    const adam = new Adam([w1, b1, w2, b2], { learningRate: 1e-3 });
    const plan = planOf([[4, 5]], (x) => {
      const h = tanh(add(matmul(x, w1), b1));
      return adam.minimize(mean(square(add(matmul(h, w2), b2))));
    });
    expect(launches(plan)).not.toContain('pack');
    expect(launches(plan)).not.toContain('copy');
    const written = plan.dispatches.flatMap(({ bindings }) =>
      bindings
        .filter(({ writes, place }) => writes && isState(place, adam.gradients))
        .map(({ place }) => place.offset),
    );
    expect(written.sort((a, b) => a - b)).toEqual(adam.flat.members.map(({ home }) => home!.offset));
  });

  test('one of two uses is still one gradient, in place', () => {
    const [p] = parameters([5]);
    const sgd = new SGD([p], { learningRate: 1 });
    const plan = planOf([], () => sgd.minimize(add(sum(p), sum(mul(p, p)))));
    expect(launches(plan)).not.toContain('pack');
    expect(launches(plan)).toContain('accumulate');
  });

  test('one that is also a result is copied', () => {
    const [p] = parameters([5]);
    const sgd = new SGD([p], { learningRate: 1 });
    const recorded = record([], () => {
      const loss = sum(square(p));
      sgd.minimize(loss);
      return gradient(loss, [p]);
    });
    simulate(planned(recorded));
  });

  test('one that two parameters share is copied to both places, from neither', () => {
    const [p, q, r] = parameters([5], [5], [5]);
    const sgd = new SGD([p, q, r], { learningRate: 1 });
    const plan = planOf([[5]], (x) => sgd.minimize(sum(mul(add(add(p, q), r), x))));
    const copies = plan.dispatches.filter(({ label }) => label === 'pack');
    expect(copies).toHaveLength(3);
    expect(copies.map(({ bindings }) => bindings.find(({ writes }) => writes)!.place.offset)).toEqual([
      0, 64, 128,
    ]);
    for (const { bindings } of copies)
      expect(bindings.find(({ writes }) => !writes)!.place.home.kind).toBe('slot');
  });

  test('one that another shows under another shape', () => {
    const [p, q] = parameters([2, 3], [6]);
    const sgd = new SGD([p, q], { learningRate: 1 });
    const plan = planOf([[6]], (x) => sgd.minimize(sum(mul(add(reshape(p, [6]), q), x))));
    expect(launches(plan).filter((label) => label === 'pack')).toHaveLength(2);
    checkBindings(plan);
  });

  test('one that is a constant, or the loss itself', () => {
    const [p, q] = parameters([], [3]);
    const sgd = new SGD([p, q], { learningRate: 1 });
    const plan = planOf([], () => sgd.minimize(add(p, sum(q))));
    expect(launches(plan).filter((label) => label === 'pack')).toHaveLength(1);
    checkBindings(plan);
  });

  test('one that the same step reads before', () => {
    const [p] = parameters([5]);
    const sgd = new SGD([p], { learningRate: 1 });
    const recorded = record([], () => [scale(sgd.gradients, 2), sgd.minimize(sum(exp(p)))]);
    simulate(planned(recorded));
  });

  test('one that another call reads too', () => {
    const [p, q] = parameters([5], [5]);
    const sgd = new SGD([p, q], { learningRate: 1 });
    const recorded = record([], () => sgd.minimize(sum(mul(tanh(add(p, exp(q))), p))));
    simulate(planned(recorded));
    checkBindings(makePlan(recorded, LEAST));
  });
});

const isState = ({ home }: Place, state: State) => home.kind === 'state' && home.state === state;

/** As expect, which is too slow for what is asked ten thousand times. */
function must(ok: boolean, what: string): void {
  if (!ok) expect.fail(what);
}

// ---- a memory of values ----------------------------------------------------------------------------------

interface Planned extends Recorded {
  readonly calls: readonly Call[];
  readonly wanted: readonly Tensor[];
  readonly memory: Memory;
}

function planned(recorded: Recorded, chains = false): Planned {
  const { calls, outputs } = schedule(recorded.outputs, recorded.effects, { chains });
  return { ...recorded, calls, wanted: outputs, memory: planMemory(calls, recorded.inputs, outputs) };
}

const homeIds = new Map<unknown, number>();
const idOf = (thing: unknown): number => {
  if (!homeIds.has(thing)) homeIds.set(thing, homeIds.size);
  return homeIds.get(thing)!;
};
function keyOf(home: Place['home']): string {
  if (home.kind === 'slot') return `slot ${home.slot}`;
  return home.kind === 'state' ? `state ${idOf(home.state)}` : `${home.kind} ${idOf(home.tensor)}`;
}

/** What each part of each buffer holds: the tensor that was written there last. */
class Values {
  private readonly parts = new Map<string, { from: number; to: number; value: Tensor }[]>();

  write({ home, offset }: Place, size: number, value: Tensor): void {
    const [from, to] = [offset, offset + aligned(Math.max(size, 1))];
    const others = (this.parts.get(keyOf(home)) ?? []).filter((part) => part.to <= from || to <= part.from);
    this.parts.set(keyOf(home), [...others, { from, to, value }]);
  }

  /** Nobody has written there yet: it holds what the host put there before the step. */
  untouched({ home, offset }: Place, size: number): boolean {
    return (this.parts.get(keyOf(home)) ?? []).every(({ from, to }) => to <= offset || offset + size <= from);
  }

  holds({ home, offset }: Place, value: Tensor): boolean {
    return (this.parts.get(keyOf(home)) ?? []).some((part) => part.from === offset && part.value === value);
  }
}

/** Runs the calls on values; returns how many reads it has checked. */
function simulate({ calls, inputs, wanted, memory }: Planned): number {
  const values = new Values();
  const shows = new Map<Tensor, Tensor>();
  const packs = new Map<Tensor, { offset: number; value: Tensor }[]>();
  const valueOf = (x: Tensor): Tensor => (shows.has(x) ? valueOf(shows.get(x)!) : x);
  let reads = 0;
  const read = (x: Tensor, why: string) => {
    const value = valueOf(x);
    const place = memory.place(x);
    reads++;
    for (const { offset, value: part } of packs.get(value) ?? []) {
      must(values.holds({ home: place.home, offset: place.offset + offset }, part), why);
    }
    const { kind } = value.source;
    if (kind === 'input' || (kind === 'call' && !packs.has(value))) must(values.holds(place, value), why);
    if (kind !== 'input' && kind !== 'call') must(values.untouched(place, value.size), why);
  };
  inputs.forEach((x) => values.write(memory.place(x), x.size, x));
  for (const [time, call] of calls.entries()) {
    const [ins, outs] = [Object.entries(call.inputs), Object.entries(call.outputs)];
    const why = (name: string) => `call ${time}, ${call.op.name}, ${name}`;
    if (call.op.view) {
      shows.set(outs[0][1], ins[0][1]);
      continue;
    }
    if (call.op.pack) {
      const members = ins.slice(1);
      members.forEach(([name, x]) => memory.copied.has(x) && read(x, why(name)));
      const target = memory.place(outs[0][1]);
      const offsets = call.attrs.offsets as number[];
      members.forEach(([, x], i) => {
        const place = { home: target.home, offset: target.offset + offsets[i] };
        if (memory.copied.has(x)) values.write(place, x.size, valueOf(x));
      });
      packs.set(
        outs[0][1],
        members.map(([, x], i) => ({ offset: offsets[i], value: valueOf(x) })),
      );
      continue;
    }
    ins.forEach(([name, x]) => read(x, why(name)));
    for (const [name, y] of outs) {
      const place = memory.place(y);
      const home = keyOf(place.home);
      for (const [other, x] of ins) {
        const replaced = (call.op.inPlace as Record<string, string> | undefined)?.[name] === other;
        must(replaced || keyOf(memory.place(x).home) !== home, `${why(name)} and ${other}`);
      }
      values.write(place, y.size, y);
    }
  }
  wanted.forEach((x, i) => read(x, `output ${i}`));
  return reads;
}

/** WebGPU's rules: no buffer both read and written in a launch, no overlap of writes, all inside the buffer. */
function checkBindings({ dispatches, memory }: Plan): void {
  for (const { bindings, label, variant } of dispatches) {
    const name = `${label}: ${variant.kernel.name}`;
    for (const [i, one] of bindings.entries()) {
      must(one.place.offset % 64 === 0 && one.size % 4 === 0, `${name} starts and ends at whole blocks`);
      must(one.place.offset + one.size <= sizeOfHome(one, memory), `${name} stays inside`);
      for (const other of bindings.slice(i + 1)) {
        if (!same(one.place.home, other.place.home) || (!one.writes && !other.writes)) continue;
        must(one.writes && other.writes, `${name} reads and writes one buffer`);
        const [from, to] = [one.place.offset, other.place.offset];
        must(from + one.size <= to || to + other.size <= from, `${name} writes twice`);
      }
    }
  }
}

function sizeOfHome({ place: { home } }: PlannedDispatch['bindings'][number], { slots }: Memory): number {
  if (home.kind === 'slot') return slots[home.slot];
  return aligned(Math.max(1, home.kind === 'state' ? home.state.size : home.tensor.size));
}

// ---- random graphs ---------------------------------------------------------------------------------------

const bump = kernel(
  'bump',
  `struct Params { size : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       by : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) { if (gid.x < p.size) { y[gid.x] += by[gid.x]; } }`,
);

/** y = x + by, in place of x. */
const bumpOp = defineOp<'x' | 'by', 'y'>({
  name: 'bump',
  inputs: { x: '...', by: '...' },
  outputs: { y: '...' },
  inPlace: { y: 'x' },
  dispatch: ({ y, by }) => ({
    kernel: bump.with(),
    bind: { y, by },
    params: { size: y.size },
    threads: [y.size],
  }),
  gradient: ({ dy }) => ({ x: dy, by: dy }),
});

function randomGraph(seed: number): Recorded {
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)];
  const sizes = [3, 64, 100, 300];
  const states = sizes.map((size) => new State([size]));
  const parameters = Array.from({ length: 4 }, () => new Parameter([pick(sizes)], 'zeros'));
  const Chosen = pick([SGD, Adam]);
  const optimizer = new Chosen(parameters, { learningRate: 1, clipNorm: random.integer(2) });
  return record([[3], [100], [300], []], (...x) => {
    const pool: Tensor[] = [...x, ...parameters, ...states.slice(0, 2)];
    const unary = [
      tanh,
      exp,
      relu,
      sigmoid,
      (y: Tensor) => scale(y, 2),
      (y: Tensor) => reshape(y, [1, y.size]),
    ];
    for (let i = 0; i < 25; i++) {
      const a = pick(random.integer(3) ? pool.slice(-6) : pool);
      const flat = reshape(a, [a.size]);
      const matching = pool.filter((b) => b.size === a.size);
      const b = reshape(pick(matching), [a.size]);
      const kind = random.integer(6);
      if (kind < 2) pool.push(pick(unary)(a));
      if (kind === 2) pool.push(add(flat, b));
      if (kind === 3) pool.push(bumpOp({ x: flat, by: random.integer(2) ? b : exp(b) }, {}).y);
      if (kind === 4) pool.push(mul(flat, pick(pool.filter(({ size }) => size === 1)) ?? b));
      if (kind === 5) pool.push(sum(a));
    }
    for (const state of states.slice(2)) {
      const values = pool.filter((y) => y.size === state.size && !(y instanceof State));
      if (values.length && random.integer(2)) assign(state, reshape(pick(values), state.shape));
    }
    const outputs = Array.from({ length: random.integer(4) }, () => pick(pool));
    const terms = [...parameters.map((p) => sum(random.integer(2) ? p : square(p))), sum(pool.at(-1)!)];
    if (random.integer(3)) outputs.push(optimizer.minimize(terms.reduce((a, b) => add(a, b))));
    return outputs;
  });
}

describe('a language model', () => {
  test('needs at most 55 % of what its tensors take together', () => {
    const [B, T, H, V] = [32, 128, 256, 10_000];
    const model = new Sequential(new Embedding(V, H), new LSTM(H, H), new Linear(H, V));
    const adam = new Adam(model.parameters(), { learningRate: 1e-3, clipNorm: 1 });
    const ids = () => new Tensor([B, T], 'u32', { kind: 'input', name: 'ids' });
    const inputs = [ids(), ids()];
    const { result, tape } = onTape(true, () =>
      adam.minimize(crossEntropy(model.forward(inputs[0]), inputs[1])),
    );
    const plan = makePlan(
      { inputs, outputs: [result], effects: tape.effects },
      { ...LEAST, maxBindingBytes: 2 ** 30, maxBufferBytes: 2 ** 30 },
    );
    const { memory } = plan;
    const peak = memory.slots.reduce((all, size) => all + size, 0);
    expect(peak / totalOf(plan)).toBeLessThan(0.55);
    // The logits are there once, their gradient in their place.
    expect(memory.slots.filter((size) => size >= B * T * V)).toHaveLength(1);
  });
});

describe('random graphs', () => {
  test.each([false, true])('every read finds its value, whoever shares memory; chains: %s', (chains) => {
    let reads = 0;
    for (let seed = 0; seed < 60; seed++) reads += simulate(planned(randomGraph(seed), chains));
    expect(reads).toBeGreaterThan(1000);
  });

  test.each([false, true])('every launch keeps the rules of WebGPU; chains: %s', (chains) => {
    for (let seed = 0; seed < 60; seed++) checkBindings(makePlan(randomGraph(seed), { ...LEAST, chains }));
  });

  test('a plan made twice is the same', () => {
    for (let seed = 0; seed < 5; seed++) {
      const [a, b] = [0, 1].map(() => makePlan(randomGraph(seed), LEAST));
      expect(explainPlan(a)).toBe(explainPlan(b));
      expect(a.params).toEqual(b.params);
    }
  });
});
