// Translation: the next symbol of a target, of a source and of the target so far (perplexity under teacher forcing).

import {
  countedTargets,
  groupsOf,
  pairBatch,
  PairEpochs,
  shapeCounts,
  batchesIn,
  type BatchSize,
} from '../../data/translation/batches';
import type { CorpusSplit, PairCorpus } from '../../data/translation/corpus';
import { END } from '../../data/translation/symbols';
import { fail } from '../../graph/check';
import type { OwnUnit } from '../../data/own/tokeniser';
import { pairsProgram } from '../pairsProgram';
import { greedyScores, sayCorpus, signaturesOn } from './corpusScores';
import type { Measures, Task } from '../task';

/** What is trained on, and how. */
export interface TranslationOptions extends BatchSize {
  readonly corpus: PairCorpus;
  readonly smoothing?: number;
}

/** The measure, by what a token is. */
const METRICS: Readonly<Record<OwnUnit, string>> = {
  word: 'perplexity',
  bpe: 'perplexity of subwords',
  character: 'perplexity of characters',
};

/** The task of a corpus; of one that a run has kept, its program alone. */
export function translationTask({ corpus, smoothing, ...size }: TranslationOptions): Task {
  const { name, coder, train, shapes } = corpus;
  const metric = METRICS[coder.unit];
  const there = <T>(make: () => T): T =>
    train.pairs.count
      ? make()
      : fail(`${name}: the pairs themselves are not here.`, {
          fix: 'train with the files that they are in.',
        });
  let anchors: Task['anchors'] | undefined;
  return {
    name,
    metric,
    sentences: { coder, longest: shapes.at(-1)! },
    get anchors() {
      return (anchors ??= [{ name: 'unigram', value: Math.exp(unigramNats(corpus)) }]);
    },
    stepsPerEpoch: train.pairs.count ? batchesIn(shapeCounts(train.pairs, shapes), size) : undefined,
    program: (recipe, models) =>
      pairsProgram(recipe, { vocabulary: coder.size, longest: shapes.at(-1)!, smoothing }, models),
    source: (random) => there(() => new PairEpochs(train.pairs, shapes, size, random)),
    weightOf: countedTargets,
    tokensIn: countedTargets,
    *batches(split) {
      const { pairs } = there(() => corpus[split]);
      for (const { rows, shape, batch } of groupsOf(pairs, shapes, size)) {
        yield pairBatch(pairs, rows, shape, batch);
      }
    },
    whenTrained: (asked) =>
      greedyScores(
        asked,
        coder,
        there(() => corpus[asked.split]),
      ),
    said: (asked, options) =>
      sayCorpus(
        asked,
        coder,
        there(() => corpus[asked.split]),
        options,
      ),
    get signatures() {
      return there(() => signaturesOn(corpus.test));
    },
    report: ({ nats }: Measures) => ({ [metric]: Math.exp(nats), 'nats per token': nats }),
  };
}

/** Nats per target symbol of the test pairs by how often each occurs in training; of one that does not, as if once. */
function unigramNats({ coder, train, test }: PairCorpus): number {
  const counts = new Float64Array(coder.size);
  let total = 0;
  const each = ({ pairs: { targets } }: CorpusSplit, visit: (symbol: number) => void): void => {
    for (let i = 0; i < targets.count; i++) {
      for (const symbol of targets.at(i)) visit(symbol);
      visit(END);
    }
  };
  each(train, (symbol) => {
    counts[symbol]++;
    total++;
  });
  let [nats, asked] = [0, 0];
  each(test, (symbol) => {
    nats -= Math.log(Math.max(1, counts[symbol]) / total);
    asked++;
  });
  return nats / asked;
}
