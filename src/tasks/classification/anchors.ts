// Errors of what takes no network: the class that is trained on most often; of numbers of one length, the class of the
// nearest training sequence, by which the UCR archive compares (1-NN, Euclidean distance); of texts, naive Bayes.

import { labelCounts, type LabelledCorpus, type LabelledSequence } from '../../data/labelled/corpus';
import type { Anchor } from '../task';

/** The most multiplications that are made for an anchor: a few seconds. */
const MOST = 2e9;

/** Values of the error that no network reaches. */
export function anchorsOf(corpus: LabelledCorpus): Anchor[] {
  const { train, test, form } = corpus;
  if (!train.length || !test.length) return [];
  const anchors = [mostFrequent(corpus)];
  if (form.material === 'text') anchors.push(naiveBayes(corpus, form.coder.size));
  else if (comparable([...train, ...test]) && train.length * test.length * train[0].values.length <= MOST) {
    anchors.push(nearest(train, test));
  }
  return anchors;
}

const comparable = (all: readonly LabelledSequence[]): boolean =>
  all.every(({ length }) => length === all[0].length);

const errorOf = (test: readonly LabelledSequence[], said: (one: LabelledSequence) => number): number =>
  test.filter((one) => said(one) !== one.label).length / test.length;

function mostFrequent(corpus: LabelledCorpus): Anchor {
  const counts = labelCounts(corpus);
  const label = counts.indexOf(Math.max(...counts));
  return { name: `always ${corpus.classes[label]}`, value: errorOf(corpus.test, () => label) };
}

function nearest(train: readonly LabelledSequence[], test: readonly LabelledSequence[]): Anchor {
  const said = ({ values }: LabelledSequence) => {
    let [best, least] = [0, Infinity];
    for (const one of train) {
      let sum = 0;
      for (let i = 0; i < values.length && sum < least; i++) sum += (values[i] - one.values[i]) ** 2;
      if (sum < least) [best, least] = [one.label, sum];
    }
    return best;
  };
  return { name: 'nearest sequence', value: errorOf(test, said) };
}

/** Symbols by themselves, each counted once more than it occurs. */
function naiveBayes(corpus: LabelledCorpus, size: number): Anchor {
  const { classes, train, test } = corpus;
  const logs = classes.map((_, label) => {
    const counts = new Float64Array(size).fill(1);
    for (const one of train) if (one.label === label) for (const symbol of one.values) counts[symbol]++;
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => Math.log(count / total));
  });
  const priors = labelCounts(corpus).map((count) => Math.log(count / train.length));
  const said = ({ values }: LabelledSequence) => {
    const scores = logs.map((log, label) => {
      let score = priors[label];
      for (const symbol of values) score += log[symbol];
      return score;
    });
    return scores.indexOf(Math.max(...scores));
  };
  return { name: 'naive Bayes', value: errorOf(test, said) };
}
