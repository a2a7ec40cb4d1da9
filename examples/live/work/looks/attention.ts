// What a model of pairs writes for a date of the reader's own, and where in it it looks meanwhile.

import { END } from '../../../../src/data/translation/symbols';
import { translate } from '../../../../src/decode/beams';
import { fail } from '../../../../src/graph/check';
import { array } from '../../../../src/graph/host';
import type { Tensor } from '../../../../src/graph/tensor';
import { softmax } from '../../../../src/ops/norm/softmax';
import { fixedDates } from '../../../../src/tasks/dates/datesTask';
import { ofPairs } from '../../../../src/tasks/pairsProgram';
import { asked, type Look, type MakeLook } from './look';

/** Where a date ends, in letters that every font has. */
const MARK = '↵';

/** Dates that are offered, of those that test. */
const OFFERED = 32;

/** A translation by the likeliest symbol each time, with its attention. */
export const attention: MakeLook = ({ engine, task, program, settings }): Look => {
  const model = ofPairs(program.model);
  const { attentionOf } = model;
  if (!attentionOf || !task.sentences) fail(`A ${settings.model} has no attention to look at.`);
  const { coder, longest } = task.sentences!;
  const [S, T] = [longest.source, longest.target];
  const known = fixedDates('test').flatMap(({ dates }) => dates);
  const answers = new Map(known.map(({ source, target }) => [source, target]));
  const offered = [...answers.keys()].filter((_, i) => i % Math.floor(answers.size / OFFERED) === 0);
  const ask = engine.record((source: Tensor, lengths: Tensor, inputs: Tensor) => {
    const encoding = model.encode(source, lengths);
    const likely = softmax(model.decode(encoding, inputs));
    return { likely, weights: model.attentionOf!(encoding, inputs) };
  });
  return async (step, { date = '' }) => {
    const text = [...String(date)].slice(0, S - 1).join('');
    const source = Uint32Array.of(...coder.encode(text), END);
    const [[{ tokens }]] = (await translate(engine, model, [source], { beam: 1, length: T })).translations;
    const rows = Math.min(T, tokens.length + 1);
    const [padded, inputs] = [new Uint32Array(S), new Uint32Array(T)];
    padded.set(source);
    inputs.set([END, ...tokens].slice(0, T));
    const found = await asked(
      ask,
      array([1, S], padded),
      array([1], Uint32Array.of(source.length)),
      array([1, T], inputs),
    );
    const [likely, weights] = await Promise.all([found.likely.read(), found.weights.read()]);
    const symbols = [...tokens, END].slice(0, rows);
    return {
      ...{ name: 'attention', step, text, offered, wanted: answers.get(text) },
      written: coder.decode(tokens),
      source: [...text, MARK],
      target: symbols.map((symbol) => (symbol === END ? MARK : coder.written(symbol))),
      sure: symbols.map((symbol, t) => likely[t * coder.size + symbol]),
      weights: Float32Array.from({ length: rows * source.length }, (_, i) => {
        return weights[Math.floor(i / source.length) * S + (i % source.length)];
      }),
    };
  };
};
