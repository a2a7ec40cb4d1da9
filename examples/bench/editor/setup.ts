// What the editor holds, as texts of its form: a kernel, how it is launched, and what it is measured with. A link and a
// file carry it; what they hold is checked here. Sizes, workgroups, FLOPs and bytes are formulas of the params, of the
// constants, and of the buffers' sizes by their names.

import type { Limit } from '../../../src/bench/case';
import type { Fill, KernelBuffer, OwnKernel } from '../../../src/bench/index';
import { declaredIn, withConstants } from '../../../src/bench/kernel/declared';
import { constantsOf as declaredConstants, formula } from '../../../src/graph/own/constants';

export interface BufferSetup {
  size: string;
  fill: Fill;
  seed: string;
  low: string;
  high: string;
}

export interface KernelSetup {
  name: string;
  wgsl: string;
  buffers: Record<string, BufferSetup>;
  params: Record<string, string>;
  /** Empty where the text's own value is meant. */
  constants: Record<string, string>;
  workgroups: [string, string, string];
  reference: string;
  flops: string;
  bytes: string;
  limit: Limit;
  tolerance: string;
  /** The library's kernel that it began as: what it is compared with where there is no reference. */
  origin: string;
}

export const FILLS: readonly Fill[] = ['zeros', 'uniform', 'ramp'];
export const LIMITS: Readonly<Record<Limit, string>> = { fma: 'FMA', copy: 'copy', dispatch: 'dispatch' };

export const newBuffer = (i: number, isResult: boolean): BufferSetup => ({
  size: '',
  fill: isResult ? 'zeros' : 'uniform',
  seed: String(i + 1),
  low: '',
  high: '',
});

export const FIRST: KernelSetup = {
  name: 'a·x + b',
  wgsl: `// y = a·x + b, four elements a thread.
override WORKGROUP : u32 = 64u;

struct Params { size : u32, a : f32, b : f32 }

@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x * 4u < p.size) { y[gid.x] = p.a * x[gid.x] + p.b; }
}
`,
  buffers: {
    x: { size: 'size', fill: 'uniform', seed: '1', low: '', high: '' },
    y: { size: 'size', fill: 'zeros', seed: '1', low: '', high: '' },
  },
  params: { size: '1048576', a: '2', b: '0.5' },
  constants: {},
  workgroups: ['(size / 4 + WORKGROUP - 1) / WORKGROUP', '1', '1'],
  reference: 'for (let i = 0; i < p.size; i++) y[i] = p.a * x[i] + p.b;',
  flops: '2 * size',
  bytes: '4 * (x + y)',
  limit: 'copy',
  tolerance: '',
  origin: '',
};

const MOST = 2 ** 30;

/** A number, or a formula of names; `what` names it where it is neither. */
function numberOf(text: string, names: Readonly<Record<string, number>>, what: string): number {
  const plain = Number(text);
  const value = text.trim() && Number.isFinite(plain) ? plain : formula(text, names);
  if (value !== undefined && Number.isFinite(value)) return value;
  const known = Object.keys(names).join(', ');
  throw new Error(
    `${what} is "${text}": give a number, or a formula with + - * / ( ) of ${known || 'numbers'}.`,
  );
}

const optional = (text: string, names: Readonly<Record<string, number>>, what: string): number | undefined =>
  text.trim() ? numberOf(text, names, what) : undefined;

/** The kernel that a setup means: of its buffers and params those that `bound` names. */
export function kernelOf(setup: KernelSetup, bound: Bound): Omit<OwnKernel, 'reference'> {
  const constants = constantsOf(setup);
  const params = Object.fromEntries(
    bound.params.map((name) => [name, numberOf(setup.params[name] ?? '', {}, `The param ${name}`)]),
  );
  const text = withConstants(setup.name, setup.wgsl, constants);
  const names: Record<string, number> = { ...declaredConstants(text).constants, ...params };
  const buffers: Record<string, KernelBuffer> = {};
  for (const name of bound.buffers) {
    const { size, fill, seed, low, high } = setup.buffers[name];
    const count = Math.trunc(numberOf(size, names, `The size of ${name}`));
    if (count < 1 || count > MOST) throw new Error(`The size of ${name} is ${count}: give 1 to ${MOST}.`);
    buffers[name] = {
      size: count,
      fill,
      seed: optional(seed, {}, `The seed of ${name}`),
      low: optional(low, {}, `The low end of ${name}`),
      high: optional(high, {}, `The high end of ${name}`),
    };
  }
  const sizes = Object.fromEntries(Object.entries(buffers).map(([name, { size }]) => [name, size]));
  const all = { ...sizes, ...names };
  return {
    name: setup.name.trim() || 'a kernel',
    wgsl: setup.wgsl,
    buffers,
    params,
    constants,
    workgroups: setup.workgroups.map((text, i) => numberOf(text, all, `The workgroups in ${'xyz'[i]}`)),
    flops: optional(setup.flops, all, 'The formula of the FLOPs'),
    bytes: optional(setup.bytes, all, 'The formula of the bytes'),
    limit: setup.limit,
    tolerance: optional(setup.tolerance, {}, 'The tolerance'),
    about: `of one's own; ${Object.entries(params)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  };
}

/** The names that a text binds. */
export interface Bound {
  readonly params: readonly string[];
  readonly buffers: readonly string[];
}

/** Values for those constants that the text still has. */
function constantsOf({ wgsl, constants }: KernelSetup): Record<string, number | boolean> {
  const known = declaredIn(wgsl).map(({ name }) => name);
  const given = Object.entries(constants).filter(([name, text]) => text.trim() && known.includes(name));
  return Object.fromEntries(
    given.map(([name, text]) => {
      const word = text.trim();
      return [
        name,
        /^(true|false)$/.test(word) ? word === 'true' : numberOf(word, {}, `The constant ${name}`),
      ];
    }),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const areTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string');

/** What somebody else has written as a setup, checked field by field. */
export function readSetup(given: unknown): KernelSetup {
  if (!isObject(given)) return refuse('it has no fields');
  const strange = Object.keys(given).find((name) => !Object.hasOwn(FIRST, name));
  if (strange !== undefined) refuse(`it has a field "${strange.slice(0, 40)}"`);
  const text = (name: string): string => {
    const value = given[name];
    return typeof value === 'string' ? value : refuse(`its ${name} is no text`);
  };
  const texts = (name: string): Record<string, string> => {
    const value = given[name];
    return areTexts(value) ? value : refuse(`its ${name} are no texts`);
  };
  const name = text('name');
  const [x, y, z, ...more] = Object.values(texts('workgroups'));
  if (z === undefined || more.length) refuse('its workgroups are not three');
  const limit = text('limit') as Limit;
  if (!Object.hasOwn(LIMITS, limit)) refuse(`its limit is "${limit.slice(0, 40)}"`);
  if (!isObject(given.buffers)) return refuse('it has no buffers');
  return {
    name,
    wgsl: text('wgsl'),
    buffers: Object.fromEntries(
      Object.entries(given.buffers).map(([name, one]) => [name, readBuffer(name, one)]),
    ),
    params: texts('params'),
    constants: texts('constants'),
    workgroups: [x, y, z],
    reference: text('reference'),
    flops: text('flops'),
    bytes: text('bytes'),
    limit,
    tolerance: text('tolerance'),
    origin: text('origin'),
  };
}

function readBuffer(name: string, given: unknown): BufferSetup {
  const what = `its buffer ${name.slice(0, 40)}`;
  if (!areTexts(given)) return refuse(`${what} has no texts`);
  const { size, seed, low, high } = given;
  const fill = FILLS.find((one) => one === given.fill);
  if (!fill) return refuse(`${what} is filled with "${String(given.fill).slice(0, 40)}"`);
  if ([size, seed, low, high].includes(undefined!)) refuse(`${what} has no size, seed or ends`);
  return { size, fill, seed, low, high };
}

function refuse(what: string): never {
  throw new Error(`it is no kernel: ${what}`);
}
