// Gated units: one half of the channels decides how much of the other half passes.
//
//   y = f(a) · s(b)        a, b: the first and the second half of x's last axis
//
//   glu        a · σ(b)          Dauphin, Fan, Auli & Grangier 2017 (arXiv 1612.08083), equation 1
//   gtu        tanh(a) · σ(b)    van den Oord et al. 2016 (arXiv 1606.05328), equation 2
//   bilinear   a · b             Mnih & Hinton 2007

import gateKernel from '../../../shaders/elementwise/gate.wgsl';
import gateDxKernel from '../../../shaders/elementwise/gateDx.wgsl';
import { check } from '../../graph/check';
import { elementwise } from '../../graph/elementwise';
import { defineOp } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';

/** The forms of gates, by their names. */
export const GATES = ['glu', 'gtu', 'bilinear'] as const;
/** One of them. */
export type GateForm = (typeof GATES)[number];

/** Whether what follows a convolution is a gate of its two halves. */
export const isGate = (form: string): form is GateForm => (GATES as readonly string[]).includes(form);

/** x [..., 2·C] to [..., C]; the halves are read where they lie. */
export const gate = (x: Tensor, form: GateForm = 'glu'): Tensor => gateOp({ x }, { form }).y;

interface Attrs {
  readonly form: GateForm;
}

const switches = (C: number, form: GateForm) => ({ FORM: form.toUpperCase(), ALIGNED: C % 4 === 0 });

const gateOp = defineOp<'x', 'y', Attrs>({
  name: 'gate',
  inputs: { x: '... D' },
  outputs: { y: '*' },
  rules({ D }, { form }) {
    check(GATES.includes(form), `there is no gate called ${form}`, `use one of ${GATES.join(', ')}`);
    check(D > 0 && D % 2 === 0, `${D} channels have no two halves`, 'give an even number of channels');
  },
  shape: ({ x }) => ({ y: [...x.slice(0, -1), x.at(-1)! / 2] }),
  dispatch({ y }, { D }, { form }) {
    const C = D / 2;
    return { ...elementwise(gateKernel, y.size, switches(C, form)), params: { size: y.size, C } };
  },
  gradient: ({ x, dy }, _d, attrs) => ({ x: gateDxOp({ x, dy }, attrs).dx }),
  flops: ({ y }) => 5 * y.size,
});

const gateDxOp = defineOp<'x' | 'dy', 'dx', Attrs>({
  name: 'gateDx',
  inputs: { x: '... D', dy: '... C' },
  outputs: { dx: '... D' },
  dispatch({ dx, dy }, { C }, { form }) {
    const size = C % 4 === 0 ? dy.size : dx.size;
    return { ...elementwise(gateDxKernel, size, switches(C, form)), params: { size } };
  },
  flops: ({ dy }) => 10 * dy.size,
});
