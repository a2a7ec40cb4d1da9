// Half precision: what a step computes is stored in f16 and computed in f32. A plan is made as ever; then it is decided
// which of its tensors are stored in f16, memory is given out anew, and the launches that bind them get kernels that
// read and write halves. The choice follows from what the kernels do and not from their names.
//
// In f32 stay parameters, moments, gradients of parameters and what is added to these; what comes into a step and what
// it returns; numbers per row or per step (losses, norms, statistics); scratch memory of one call, in which it adds.

import type { Kernel, Variant } from '../graph/kernel';
import type { Call, Tensor } from '../graph/tensor';
import { halvable, halved } from './halfText';
import type { PlannedBinding, PlannedDispatch } from './launch';
import { ALIGNMENT } from '../graph/state';
import { assignSlots, type Life, type Memory, type Place } from './memory';
import type { Plan } from './plan';

/** A tensor smaller than this part of the largest gains nothing. */
const WORTH = 1 / 64;

/** The same plan with halves in whatever can hold them. */
export function halfPlan(plan: Plan): Plan {
  const owners = new Owners(plan);
  const halves = new Choice(plan, owners).chosen();
  const moved = new Moved(plan, owners, halves);
  return { ...plan, memory: moved.memory(), dispatches: plan.dispatches.map((one) => moved.launch(one)) };
}

/** Whose memory a tensor lies in: of all that share a slot, what lives when the tensor is touched. */
class Owners {
  private readonly bySlot = new Map<number, Life[]>();
  private readonly times: ReadonlyMap<Call, number>;

  constructor({ calls, memory }: Plan) {
    this.times = new Map(calls.map((call, time) => [call, time]));
    for (const life of memory.lives) {
      const { home } = memory.place(life.tensor);
      if (home.kind === 'slot') this.bySlot.set(home.slot, [...(this.bySlot.get(home.slot) ?? []), life]);
    }
  }

  /** What lives at a place when a call is made, or in the end; undefined for what lies in no slot. */
  at({ home }: Place, call?: Call): Life | undefined {
    if (home.kind !== 'slot') return undefined;
    const time = call ? this.times.get(call)! : Infinity;
    return this.bySlot.get(home.slot)!.find(({ birth, death }) => birth <= time && time <= death);
  }
}

/** What of a plan is stored in f16. */
class Choice {
  /** What stays as it is. */
  private readonly exact = new Set<Life>();

  constructor(
    private readonly plan: Plan,
    private readonly owners: Owners,
  ) {}

  chosen(): ReadonlySet<Life> {
    const { calls, dispatches, outputs, memory } = this.plan;
    const computing = calls.filter(({ op }) => !op.view);
    this.keepGradients(computing);
    outputs.forEach((x) => this.keep(this.owners.at(memory.place(x))));
    dispatches.forEach((planned) => this.keepUnfit(planned));
    const read = new Set(
      computing.flatMap((call) => Object.values(call.inputs).map((x) => this.ownerOf(x, call))),
    );
    const made = computing.flatMap((call) => (call.op.pack ? [] : this.madeBy(call)));
    const list = made.filter((life) => read.has(life) && !this.exact.has(life));
    const least = WORTH * Math.max(0, ...list.map(({ tensor }) => tensor.size));
    return new Set(list.filter(({ tensor }) => tensor.size >= least));
  }

  private ownerOf(x: Tensor, call: Call): Life | undefined {
    return this.owners.at(this.plan.memory.place(x), call);
  }

  private keep(life: Life | undefined): void {
    if (life) this.exact.add(life);
  }

  /** Gradients of parameters, and what has their shape and becomes a part of them: what lies in states is exact. */
  private keepGradients(calls: readonly Call[]): void {
    for (const call of [...calls].reverse()) {
      const stays = Object.values(call.outputs).filter((y) => {
        const life = this.ownerOf(y, call);
        return !life || this.exact.has(life);
      });
      for (const x of Object.values(call.inputs)) {
        const joins = stays.some(({ shape }) => shape.join() === x.shape.join());
        if (call.op.pack || joins) this.keep(this.ownerOf(x, call));
      }
    }
  }

  /** What a launch cannot take as halves. */
  private keepUnfit({ variant, bindings, call }: PlannedDispatch): void {
    const fit = fitOf(variant);
    for (const { binding, place } of bindings) {
      // A binding starts at a multiple of 256 bytes.
      const begins = place.offset % (2 * ALIGNMENT) === 0;
      if (!begins || !fit.has(nameOf(variant.kernel, binding))) this.keep(this.owners.at(place, call));
    }
  }

  /** The results of a call that are worth it: none that is exact, none with fewer axes than what it is made of. */
  private madeBy(call: Call): Life[] {
    const { op, inputs, outputs } = call;
    const given = Object.values(inputs).filter(({ dtype }) => dtype === 'f32');
    const [largest] = given.sort((a, b) => b.size - a.size);
    const axes = Math.max(2, largest?.shape.length ?? 0);
    return Object.entries(outputs).flatMap(([name, y], i) => {
      const life = this.ownerOf(y, call);
      const measure = op.exact?.includes(name) || (i > 0 && op.outputs[name] === '*');
      return y.dtype === 'f32' && !measure && y.shape.length >= axes && life?.tensor === y ? [life] : [];
    });
  }
}

const nameOf = ({ reflection }: Kernel, wanted: number): string =>
  reflection.bindings.find(({ binding }) => binding === wanted)!.name;

/** Where things lie once some take half the room. */
class Moved {
  readonly slots: readonly number[];
  private readonly slotOf: ReadonlyMap<Life, number>;

  constructor(
    private readonly plan: Plan,
    private readonly owners: Owners,
    private readonly halves: ReadonlySet<Life>,
  ) {
    const lives = plan.memory.lives.map((life) => {
      const { size } = life.tensor;
      return { ...life, tensor: { life, size: halves.has(life) ? size / 2 : size } };
    });
    const { slotOf, slots } = assignSlots(lives);
    this.slots = slots;
    this.slotOf = new Map([...slotOf].map(([{ life }, slot]) => [life, slot]));
  }

  /** What was a place of the life's, or of no slot. */
  place(place: Place, life: Life | undefined): Place {
    if (!life) return place;
    const half = this.halves.has(life);
    const home = { kind: 'slot', slot: this.slotOf.get(life)! } as const;
    return { home, offset: half ? place.offset / 2 : place.offset, half };
  }

  memory(): Memory {
    const { calls, memory, inputs, outputs } = this.plan;
    const lives = new Map<Tensor, Life | undefined>();
    for (const call of calls) {
      for (const x of [...Object.values(call.inputs), ...Object.values(call.outputs)])
        lives.set(x, this.owners.at(memory.place(x), call));
    }
    for (const x of [...inputs, ...outputs]) lives.set(x, this.owners.at(memory.place(x)));
    const place = (x: Tensor) => this.place(memory.place(x), lives.get(x));
    const homes = outputs.map((x) => place(x).home);
    const kept = new Set(homes.flatMap((home) => (home.kind === 'slot' ? [home.slot] : [])));
    return { ...memory, slots: this.slots, kept, place };
  }

  launch(planned: PlannedDispatch): PlannedDispatch {
    const { variant, call } = planned;
    const saved = new Map<Life, number>();
    const bindings = planned.bindings.map((bound): PlannedBinding => {
      const life = this.owners.at(bound.place, call);
      const place = this.place(bound.place, life);
      if (!life || !place.half) return { ...bound, place };
      const size = bound.size / 2;
      saved.set(life, size);
      return { ...bound, place, size };
    });
    const bytes = [...saved.values()].reduce((sum, size) => sum - 4 * size, planned.bytes);
    const halves = bindings.filter(({ place }) => place.half);
    const names = halves.map(({ binding }) => nameOf(variant.kernel, binding));
    return { ...planned, variant: withHalves(variant, new Set(names)), bindings, bytes };
  }
}

const known = new WeakMap<Variant, ReadonlySet<string>>();

/** The buffers of a variant that can hold halves, by name. */
function fitOf(variant: Variant): ReadonlySet<string> {
  const found = known.get(variant) ?? halvable(variant.code);
  known.set(variant, found);
  return found;
}

const made = new WeakMap<Variant, Map<string, Variant>>();

/** The variant with halves in these buffers. */
function withHalves(variant: Variant, names: ReadonlySet<string>): Variant {
  if (!names.size) return variant;
  const ways = made.get(variant) ?? new Map<string, Variant>();
  made.set(variant, ways);
  const key = [...names].join();
  const way = ways.get(key) ?? {
    ...variant,
    code: halved(variant.code, names),
    rolled: halved(variant.rolled, names),
  };
  ways.set(key, way);
  return way;
}
