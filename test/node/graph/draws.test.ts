// Two draws of one recording are two: each use of random numbers has a number of its own, and the same in another
// recording of the same function.

import { expect, test } from 'vitest';
import { Generator } from '../../../src/graph/generator';
import { onTape } from '../../../src/graph/tape';
import { State } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import { bernoulli } from '../../../src/ops/random/bernoulli';
import { dropout } from '../../../src/ops/random/dropout';
import { sample } from '../../../src/ops/random/sample';

const callOf = ({ source }: Tensor) => (source.kind === 'call' ? source.call.attrs.call : null);

test('masks, samples and coins', () => {
  const x = new Tensor([2, 3], 'f32', { kind: 'input', name: 'x' });
  const [seed, counter] = ['seed', 'counter'].map((name) => new State([1], 'zeros', name, 'u32'));
  const draws = () =>
    onTape(true, () => {
      const [one, other] = [new Generator(7), new Generator(7)];
      return [
        ...[one, one, other].map((generator) => dropout(x, { rate: 0.5, generator })),
        ...[sample(x, { seed, counter }), sample(x, { seed, counter })],
        ...[bernoulli(x, { seed, counter }), bernoulli(x, { seed, counter })],
      ].map(callOf);
    }).result;
  expect(draws()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(draws()).toEqual(draws());
});
