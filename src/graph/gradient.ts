// The backward pass is more graph: every op on the way from the loss to a parameter is asked for its
// gradient, which is again a call of ops. Kernels overwrite, they never accumulate: a tensor that is used
// twice gets its gradients joined by `accumulate`. So there is nothing to zero.

import accumulateKernel from '../../shaders/elementwise/accumulate.wgsl';
import { callerLine, check, fail, hereStack, shapeText } from './check';
import { elementwise } from './elementwise';
import { defineOp } from './op';
import { type Call, Tensor } from './tensor';

const accumulateOp = defineOp<'a' | 'b', 'y'>({
  name: 'accumulate',
  inputs: { a: '...', b: '...' },
  outputs: { y: '...' },
  dispatch: ({ y }) => ({
    ...elementwise(accumulateKernel, y.size),
    params: { size: y.size },
  }),
  gradient: ({ dy }) => ({ a: dy, b: dy }),
  flops: ({ y }) => y.size,
  link: (through) => ({ does: 'add', operand: through === 'a' ? 'b' : 'a' }),
});

/** a + b, both [...]: the sum where nothing is broadcast. */
export const accumulate = (a: Tensor, b: Tensor): Tensor => accumulateOp({ a, b }, {}).y;

/**
 * ∂loss/∂w for every w of `wrt`, as tensors of the same shapes. `loss` has one element; or it is any tensor, and
 * `incoming`, of its shape, is the gradient of what follows with respect to it.
 */
export function gradient(loss: Tensor, wrt: readonly Tensor[], incoming?: Tensor): Tensor[] {
  const lossText = `gradient: the loss has shape ${shapeText(loss.shape)}, but`;
  if (incoming) {
    const same = shapeText(incoming.shape) === shapeText(loss.shape);
    const problem = `${lossText} the incoming gradient has shape ${shapeText(incoming.shape)}`;
    check(same, problem, 'pass one of the same shape');
  } else {
    check(loss.size === 1, `${lossText} it needs an incoming gradient`, 'take mean(loss) or sum(loss) first');
  }
  const calls = callsBehind([loss]);
  const needed = new Set<Tensor>(wrt);
  for (const call of calls) {
    if (flowing(call).some(([, x]) => needed.has(x))) {
      for (const y of differentiable(call)) needed.add(y);
    }
  }
  const grads = new Map<Tensor, Tensor>([[loss, incoming ?? one(loss)]]);
  for (const call of calls.reverse()) {
    if (Object.values(call.outputs).some((y) => needed.has(y) && grads.has(y)))
      backOne(call, loss, needed, grads);
  }
  return wrt.map((w) => grads.get(w) ?? noPath(loss, w));
}

/** The inputs through which a gradient can flow. */
export const flowing = ({ op, inputs }: Call): [string, Tensor][] =>
  Object.entries(inputs).filter(([name]) => !op.stops?.includes(name));

/** The results that have a gradient: a path ends at integers, e.g. at sampled ids. */
export const differentiable = ({ outputs }: Call): Tensor[] =>
  Object.values(outputs).filter(({ dtype }) => dtype === 'f32');

function backOne(call: Call, loss: Tensor, needed: Set<Tensor>, grads: Map<Tensor, Tensor>): void {
  const wanted = flowing(call).filter(([, x]) => needed.has(x));
  if (!wanted.length) return;
  if (!call.op.gradient) noGradient(call, wanted[0][0], loss);
  const t: Record<string, Tensor> = { ...call.inputs, ...call.outputs };
  for (const [name, y] of Object.entries(call.outputs)) {
    const dy = grads.get(y);
    if (dy) t[`d${name}`] = dy;
  }
  const found = call.op.gradient!(
    t,
    call.dims,
    call.attrs,
    wanted.map(([name]) => name),
  );
  for (const [name, x] of wanted) {
    const dx = found[name] ?? noGradient(call, name, loss);
    if (shapeText(dx.shape) !== shapeText(x.shape)) {
      const shapes = `${shapeText(dx.shape)}, not ${shapeText(x.shape)}`;
      fail(`${call.op.name}: its gradient of ${name} has shape ${shapes}.`);
    }
    const before = grads.get(x);
    grads.set(x, before ? accumulate(before, dx) : dx);
  }
}

/** Every call that `roots` depend on, but for those behind tensors that are known, in order of creation. */
export function callsBehind(roots: Iterable<Tensor>, isKnown: (x: Tensor) => boolean = () => false): Call[] {
  const seen = new Set<Call>();
  const open = [...roots];
  for (let x = open.pop(); x; x = open.pop()) {
    const { call } = x;
    if (!call || seen.has(call) || isKnown(x)) continue;
    seen.add(call);
    open.push(...Object.values(call.inputs));
  }
  return inOrderOfCreation([...seen]);
}

/** Sorts the list itself. */
export const inOrderOfCreation = (calls: Call[]): Call[] => calls.sort((a, b) => firstId(a) - firstId(b));

/** The id of a call's first result: calls in its order are in topological order. */
export const firstId = (call: Call): number => Object.values(call.outputs)[0].id;

const one = (loss: Tensor): Tensor =>
  new Tensor(loss.shape, 'f32', { kind: 'constant', data: Float32Array.of(1) });

function noGradient(call: Call, input: string, loss: Tensor): never {
  const integer = call.inputs[input].dtype === 'u32';
  const why = integer ? `${input} holds integers and has none` : `${call.op.name} does not define it`;
  fail(`${call.op.name}: the gradient of ${input} is needed, but ${why}.`, {
    given: pathText(loss, call),
    at: callerLine(call.stack),
    fix: integer
      ? `do not ask for the gradient of ${input}.`
      : `give ${call.op.name} a gradient, or leave out what is behind ${input}.`,
  });
}

function noPath(loss: Tensor, w: Tensor): never {
  const name = 'name' in w ? String(w.name) : `a tensor ${shapeText(w.shape)}`;
  fail(`gradient: the loss does not depend on ${name}.`, {
    given: loss.call ? `loss ← ${loss.call.op.name} ← …` : 'the loss is not computed',
    at: callerLine(hereStack()),
    fix: `use ${name} in the forward pass, or leave it out of the optimizer.`,
  });
}

/** `loss ← crossEntropy ← linear ← embedding`: a shortest way from the loss to `end`, without the views. */
function pathText(loss: Tensor, end: Call): string {
  const queue: { x: Tensor; from: number }[] = [{ x: loss, from: -1 }];
  const seen = new Set<Tensor>([loss]);
  for (const [at, { x }] of queue.entries()) {
    if (x.call === end) return namesOf(queue, at);
    for (const input of Object.values(x.call?.inputs ?? {})) {
      if (!seen.has(input)) queue.push({ x: input, from: at });
      seen.add(input);
    }
  }
  return 'loss ← …';
}

/** The ops on the way from the start of the queue to `at`; of a long one both ends. */
function namesOf(queue: readonly { x: Tensor; from: number }[], at: number): string {
  const names: string[] = [];
  for (let i = at; i >= 0; i = queue[i].from) {
    const { op } = queue[i].x.call!;
    if (i === at || !op.view) names.unshift(op.name);
  }
  if (names.length > 16) names.splice(8, names.length - 16, '…');
  return ['loss', ...names].join(' ← ');
}
