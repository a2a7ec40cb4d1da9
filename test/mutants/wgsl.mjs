// Faults in kernels, a line each, which the tests of their ops must catch. See plant.mjs.

import { readdirSync } from 'node:fs';

export const PROJECT = 'gpu-node';

const files = readdirSync(new URL('../../shaders', import.meta.url), { recursive: true, encoding: 'utf8' });
const pathOf = (name) => `shaders/${files.find((file) => file.endsWith(`/${name}.wgsl`))}`;

/** Of an op's reference, test/reference/OP.ts. */
const op = (name, ...list) =>
  list.map(([file, about, from, to]) => ({
    ...{ file: pathOf(file), name: about, from, to, match: `^${name} ` },
    tests: ['test/gpu/ops.test.ts'],
  }));

const optimizer = (file, ...list) =>
  list.map(([about, from, to]) => ({
    ...{ file: pathOf(file), name: about, from, to, tests: ['test/gpu/onOps/optimizers.test.ts'] },
  }));

/** Of updates that do not happen. */
const guard = (match, ...list) =>
  list.map(([file, about, from, to]) => ({
    ...{ file: pathOf(file), name: about, from, to, match, tests: ['test/gpu/onOps/skip.test.ts'] },
  }));

const CLIP = 'clip = min(1.0, hyper.clipNorm / (now.x + 1e-6))';
const UNBOUNDED = ['a clip that enlarges small gradients', CLIP, 'clip = hyper.clipNorm / (now.x + 1e-6)'];

export const MUTANTS = [
  ...optimizer('adam', UNBOUNDED, ['no decay', '(decay * before + step)', '(step)']),
  ...optimizer('sgd', UNBOUNDED, ['momentum always in Nesterov’s form', 'hyper.nesterov > 0.0', 'true']),
  ...optimizer('rmsProp', UNBOUNDED, ['no momentum', 'hyper.momentum * oldVelocity', '0.0 * oldVelocity']),
  ...guard('direct an id that is none', [
    'embedding',
    'an id out of range reads the last row',
    'i % across], id < p.V)',
    'i % across], true)',
  ]),
  ...guard(
    'direct SGD leaves all',
    ['updateGuard', 'every norm passes', '<= bitcast<u32>(p.most)', '<= 0xffffffffu'],
    ['updateGuard', 'skipped updates are not counted', 'skips[0] = skipped + 1u', 'skips[0] = skipped'],
    ['updateGuard', 'the last in place of the first', 'if (skips[1] == 0u)', 'if (true)'],
    ['sgd', 'no update is skipped', 'if (now.y == 0.0) { return; }', ''],
  ),
  ...op(
    'softmax',
    ['softmax', 'a row that is one too long', 'let end = first + p.V;', 'let end = first + p.V + 1u;'],
    ['softmax', 'the sum is not rescaled', 'select(sum + e, sum * e + 1.0, above > 0.0)', 'sum + e'],
    ['softmax', 'no logarithm', 'if (LOG)', 'if (false)'],
    ['softmaxRows', 'the halves do not meet', 'half > 0u; half /= 2u', 'half > 1u; half /= 2u'],
  ),
  ...op(
    'matmul',
    ['matmul', 'the last of K is left out', 'min(first + p.length, p.K)', 'min(first + p.length, p.K - 1u)'],
    ['matmul', 'layers share their left operand', 'let a0 = layer * p.strideA', 'let a0 = 0u * p.strideA'],
    ['matmul', 'layers share their right operand', 'let b0 = layer * p.strideB', 'let b0 = 0u * p.strideB'],
    ['matmulTiled', 'what is behind a row of b', 'vec4<bool>(TRANSPOSE_B) &', 'vec4<bool>(false) &'],
    ['matmulTiled', 'the second vec4', 'select(hi.x, hi.z, first > 1u)', 'hi.x'],
    ['matmul', 'no transposed left operand', 'if (TRANSPOSE_A) {', 'if (false) {'],
  ),
  ...op(
    'gru',
    ['gruStep', 'the gates change places', 'fma(rz.y, h1(now) - n, n)', 'fma(rz.x, h1(now) - n, n)'],
    ['gruStep', 'no reset', 'fma(rz.x, a.z,', 'fma(1.0, a.z,'],
  ),
  ...op(
    'lstm',
    [
      'lstmStep',
      'nothing is forgotten',
      'fma(gate.y, before, gate.x * gate.z)',
      'fma(1.0, before, gate.x * gate.z)',
    ],
    ['lstmStep', 'the output gate is open', 'gate.w * tanhOf(c)', 'tanhOf(c)'],
  ),
  ...op(
    'reduce',
    ['reduceSum', 'the rest of a row is left out', ' + (sum.z + sum.w) + rest', ' + (sum.z + sum.w)'],
    ['reduceSum', 'no factor', 'p.factor * total', 'total'],
  ),
  ...op(
    'dropout',
    ['spatialDropout', 'what is kept is not scaled', 'p.scale * x[i]', 'x[i]'],
    ['spatialDropout', 'elements in place of channels', '/ (p.R * p.C) * p.C + lane % p.C', ''],
  ),
  ...op(
    'elementDropout',
    ['fewSteps', 'what is kept is not scaled', 'p.keep * v', 'v'],
    ['fewSteps', 'all calls have one mask', 'vec4u(quad, p.call,', 'vec4u(quad, 0u,'],
    ['fewSteps', 'all steps have one mask', 'key[1], key[0])', '0u, key[0])'],
    ['fewSteps', 'the seed is ignored', 'key[1], key[0])', 'key[1], 0u)'],
  ),
  ...op(
    'rowNorm',
    ['rowNorm', 'no root', 'top * sqrt(sum)', 'top * sum'],
    ['rowNorm', 'the sum in place of the largest', 'if (LARGEST ||', 'if ('],
  ),
  ...op('weightNorm', ['weightNorm', 'g is left out', 'g[o] * (inverse', '1.0 * (inverse']),
  ...op(
    'readAt',
    ['readAt', 'no offset', 'position[0] + p.offset', 'position[0]'],
    ['readAt', 'no ring', '(position[0] + p.offset) % p.L', 'min(position[0] + p.offset, p.L - 1u)'],
  ),
  ...op('writeAt', ['writeAt', 'no offset', 'position[0] + p.offset', 'position[0]']),
  ...op(
    'concat',
    [
      'concat',
      'b in place of a',
      'return a[origin >> 2u][origin & 3u]',
      'return b[origin >> 2u][origin & 3u]',
    ],
    ['concat', 'b begins too late', 's * p.inB + r - p.inA;', 's * p.inB + r;'],
  ),
  ...op(
    'crossEntropy',
    ['crossEntropyDx', 'no smoothing in the gradient', '* e - spread', '* e'],
    [
      'crossEntropyRows',
      'the sum is not rescaled',
      'sum = select(sum + e, sum * e + 1.0, above > 0.0)',
      'sum = sum + e',
    ],
  ),
  ...op('embedding', [
    'embedding',
    'always the first row',
    'let place = min(id, p.V - 1u) * p.C',
    'let place = min(0u * id, p.V - 1u) * p.C',
  ]),
  ...op(
    'causalAttention',
    [
      'attention',
      'one more step is seen',
      'max(row[r] + 1u + p.T, p.Q) - p.Q',
      'max(row[r] + 2u + p.T, p.Q) - p.Q',
    ],
    ['attention', 'scores are not scaled', 'p.scale * q[', 'q['],
  ),
  ...op(
    'attention',
    [
      'attention',
      'padding is seen',
      'most = min(most, lengths[b])',
      'most = min(most, p.T + 0u * lengths[b])',
    ],
    ['attentionDkv', 'keys have no scale on the way back', 'p.scale * dkey', 'dkey'],
    ['attentionQuad', 'a single key counts four times', 'select(0.0, weight[r], own == 0u)', 'weight[r]'],
    [
      'attentionQuad',
      'keys change places',
      'select(pair.y, pair.x, own < 2u)',
      'select(pair.x, pair.y, own < 2u)',
    ],
    [
      'attentionDkvQuad',
      'queries of a quad are one',
      'p.Q + t + own];\n      let inner',
      'p.Q + t];\n      let inner',
    ],
    ['attentionTiled', 'earlier tiles do not fade', 'mean[m] *= fade[m / COLUMNS]', 'mean[m] *= 1.0'],
    ['attentionTiled', 'NaN that nobody sees', 'if (CAUSAL && j + l + 4u > seen.x)', 'if (false)'],
    ['attentionTiled', 'the edge of a tile', 'row < end);', 'row < end - 1u);'],
    ['attentionDqTiled', 'the next key is seen', 'vec2u(1u, 2u)', 'vec2u(2u, 2u)'],
    ['attentionDqTiled', 'wide heads are one part', 'place % parts * WIDE', 'place % parts * 0u'],
    ['attentionDkvTiled', 'a key’s first query', 'known[1], queries >=', 'known[1], queries >'],
    ['attentionDkvTiled', 'the last query', 'given, row < p.Q);', 'given, row < p.Q - 1u);'],
  ),
  ...op(
    'causalConv',
    [
      'causalConv',
      'the padding repeats the first step',
      'select(0.0, x[at[i] + c], inside[i])',
      'x[at[i] + c]',
    ],
    ['causalConv', 'taps in reverse', '+ TAPS - 1u - k]', '+ k]'],
  ),
  ...op(
    'conv',
    ['causalConv', 'what lies ahead is not seen', '+ p.ahead) - i32(oldest', ') - i32(oldest'],
    ['causalConv', 'the last step is repeated', '(t >= 0) & (t < i32(p.T))', 't >= 0'],
    ['causalConvDx', 'the first gradient is repeated', '(t >= 0) & (t < i32(p.T))', 't < i32(p.T)'],
    ['causalConvDw', 'the last step is repeated', '(t >= 0) & (t < i32(p.T))', 't >= 0'],
    ['causalConvQuad', 'what follows the sequence', '(seen >= 0) & (seen < i32(p.T))', 'seen >= 0'],
    ['causalConvDwQuad', 'what follows the sequence', ' & (seen < vec2i(i32(p.T)))', ''],
    ['causalConvTiled', 'what follows the sequence', '(t < 0) | (t >= i32(p.T))', 't < 0'],
    [
      'causalConvDxTiled',
      'what is behind a row',
      'p.C - 1u)) * p.O, o);\n    v[i] = select(vec4f(0.0), quad, o + vec4u(0u, 1u, 2u, 3u) < vec4u(p.O))',
      'p.C - 1u)) * p.O, o);\n    v[i] = quad',
    ],
    ['causalConvDxTiled', 'what precedes the sequence', '(t < 0) | (t >= i32(p.T))', 't >= i32(p.T)'],
    ['causalConvDwTiled', 'what follows the sequence', '(t < 0) | (t >= i32(p.T)) | (r', '(t < 0) | (r'],
  ),
  ...op('gradientNorm', [
    'gradientNorm',
    'no root',
    'var norm = sqrt(squares(first, end, 1.0))',
    'var norm = squares(first, end, 1.0)',
  ]),
];
