// A function of one tensor is a row of ops/elementwise/unary.ts and two functions of chain.wgsl; for the tests it is a row
// of `curves`. All else follows from them.

import { expect, test } from 'vitest';
import chainKernel from '../../../shaders/elementwise/chain.wgsl';
import * as seqgpu from '../../../src/index';
import * as unary from '../../../src/ops/elementwise/unary';
import { CURVES } from '../../fuzz/functions';
import { ROOMS } from '../../fuzz/rooms';

/** Those that are rows: the others have numbers, or are made of one that has. */
const rows = Object.entries(unary).filter(([, f]) => 'op' in f);
const { code } = chainKernel.reflection;

test('there are rows', () => {
  expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(['exp', 'gelu', 'silu', 'tanh']));
});

test.each(rows)(
  '%s: its functions are in the kernel, it is public, has a reference and a room',
  (name, f) => {
    expect(code).toMatch(new RegExp(`\\bfn ${name}Of\\(`));
    expect(code).toMatch(new RegExp(`\\bfn ${name}Dx\\(`));
    expect((f as unary.Unary).op.name).toBe(name);
    expect(seqgpu).toHaveProperty(name, f);
    expect(CURVES).toContain(name);
    expect(ROOMS).toHaveProperty(name);
  },
);
