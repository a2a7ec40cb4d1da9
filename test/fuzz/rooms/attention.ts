// Attention, in all its forms.

import * as seqgpu from '../../../src/index';
import { additiveAttention, attention, attentionWeights, sliced } from '../functions';
import type { Options, Room } from '../program';

const causalAttention: Room = {
  often: 1,
  draw(d) {
    const found = d.value((shape) => shape.length === 3 && shape[2] % 12 === 0);
    const heads = d.usual([1, 2]);
    const width = 3 * heads * 4 * d.usual([1, 2, 3, 4]);
    const x =
      found !== null && d.random.chance(0.7) ? found : d.leaf([d.extent(5), d.extent(70), width], -2, 2);
    const C = d.shapeOf(x)[2] / 3;
    return { inputs: [x], options: { heads: (C / heads) % 4 === 0 ? heads : 1 } };
  },
  exact([x], { heads }) {
    const C = x.shape[2] / 3;
    const part = (i: number) => sliced(x, 2, i * C, (i + 1) * C);
    return attention(part(0), part(1), part(2), { heads: Number(heads), causal: true });
  },
  build: ([x], { heads }) => seqgpu.causalAttention(x, { heads: Number(heads) }),
  text: ([x], { heads }) => `causalAttention(${x}, { heads: ${heads} })`,
  fits: ([x]) => x.shape[2] / 3 <= 128,
};

const selfAttention: Room = {
  ...causalAttention,
  draw(d) {
    const { inputs, options } = causalAttention.draw(d)!;
    const [B, T] = d.shapeOf(inputs[0]);
    const lengths = d.random.chance(0.7) ? [d.whole([B], T + 1)] : [];
    return { inputs: [...inputs, ...lengths], options: { ...options, causal: d.usual([false, true]) } };
  },
  exact([x, lengths], options) {
    const C = x.shape[2] / 3;
    const [q, k, v] = [0, 1, 2].map((i) => sliced(x, 2, i * C, (i + 1) * C));
    return attention(q, k, v, { ...given(options), lengths });
  },
  build: ([x, lengths], { heads, causal }) =>
    seqgpu.selfAttention(x, { heads: Number(heads), causal: Boolean(causal), lengths }),
  text: ([x, lengths], options) => `selfAttention(${x}, ${optionsText(options, lengths)})`,
};

interface Given {
  readonly heads: number;
  readonly causal?: boolean;
  readonly scale?: number;
}

const given = ({ heads, causal, scale }: Options) => ({ heads, causal, scale }) as Given;

const optionsText = (options: Options, lengths?: string): string => {
  const all = Object.entries({ ...given(options), lengths }).filter(([, value]) => value !== undefined);
  return `{ ${all.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
};

const general: Room = {
  often: 1,
  draw(d) {
    const found = d.random.chance(0.6) ? d.value((shape) => shape.length === 3 && shape[2] <= 64) : null;
    const q = found ?? d.leaf([d.extent(5), d.extent(20), d.usual([4, 6, 16, 32])], -2, 2);
    const [B, , C] = d.shapeOf(q);
    const fits = (shape: readonly number[]) => shape.length === 3 && shape[0] === B && shape[2] === C;
    const k = (d.random.chance(0.4) ? d.value(fits) : null) ?? d.leaf([B, d.extent(40), C], -2, 2);
    const [, T] = d.shapeOf(k);
    const v = d.random.chance(0.2) ? k : d.like([B, T, C]);
    const lengths = d.random.chance(0.5) ? [d.whole([B], T + 1)] : [];
    const heads = C % 2 ? 1 : d.usual([1, 2]);
    return { inputs: [q, k, v, ...lengths], options: { heads, causal: d.usual([false, true]) } };
  },
  exact: ([q, k, v, lengths], options) => attention(q, k, v, { ...given(options), lengths }),
  build: ([q, k, v, lengths], options) => seqgpu.attention(q, k, v, { ...given(options), lengths }),
  text: ([q, k, v, lengths], options) => `attention(${q}, ${k}, ${v}, ${optionsText(options, lengths)})`,
  fits: ([q, k]) => q.size * k.shape[1] <= 200_000,
};

const weights: Room = {
  ...general,
  often: 0.3,
  blind: true,
  draw(d) {
    const drawn = general.draw(d)!;
    return { ...drawn, inputs: drawn.inputs.filter((_, i) => i !== 2) };
  },
  exact: ([q, k, lengths], options) => attentionWeights(q, k, { ...given(options), lengths }),
  build: ([q, k, lengths], options) => seqgpu.attentionWeights(q, k, { ...given(options), lengths }),
  text: ([q, k, lengths], options) => `attentionWeights(${q}, ${k}, ${optionsText(options, lengths)})`,
};

const additive: Room = {
  often: 1,
  draw(d) {
    const found = d.random.chance(0.6) ? d.value((shape) => shape.length === 3 && shape[2] <= 64) : null;
    const q = found ?? d.leaf([d.extent(5), d.extent(20), d.usual([5, 8, 32])], -2, 2);
    const [B, , A] = d.shapeOf(q);
    const fits = (shape: readonly number[]) => shape.length === 3 && shape[0] === B && shape[2] === A;
    const k = (d.random.chance(0.4) ? d.value(fits) : null) ?? d.leaf([B, d.extent(40), A], -2, 2);
    const S = d.shapeOf(k)[1];
    const v = d.random.chance(0.3) ? k : d.like([B, S, d.extent(40)]);
    const lengths = d.random.chance(0.5) ? [d.whole([B], S + 1)] : [];
    return { inputs: [q, k, v, d.like([A]), ...lengths], options: {} };
  },
  exact: ([q, k, v, u, lengths]) => additiveAttention([q, k, v, u], lengths).y,
  build: ([q, k, v, u, lengths]) => seqgpu.additiveAttention(q, k, v, u, { lengths }),
  text: ([q, k, v, u, lengths]) =>
    `additiveAttention(${q}, ${k}, ${v}, ${u}${lengths ? `, { lengths: ${lengths} }` : ''})`,
  fits: ([q, k, v]) => (q.size + v.size) * k.shape[1] <= 200_000,
};

const additiveWeights: Room = {
  ...additive,
  often: 0.3,
  blind: true,
  exact: ([q, k, v, u, lengths]) => additiveAttention([q, k, v, u], lengths).weights,
  build: ([q, k, v, u, lengths]) => seqgpu.additiveAttentionWeights(q, k, v, u, { lengths }),
  text: ([q, k, v, u, lengths]) =>
    `additiveAttentionWeights(${q}, ${k}, ${v}, ${u}${lengths ? `, { lengths: ${lengths} }` : ''})`,
};

export const attentions: Readonly<Record<string, Room>> = {
  causalAttention,
  selfAttention,
  attention: general,
  attentionWeights: weights,
  additiveAttention: additive,
  additiveAttentionWeights: additiveWeights,
};
