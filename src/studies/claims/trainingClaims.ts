// Claims about training: truncated backpropagation, twins, and what is outside the stable regime.

import { COEFFICIENTS, DISTANCE, SIZES } from '../unstable/unstableCells';
import { evidenceOf } from './evidence';
import { rowOf, type Sources } from './sources';
import type { Claim } from './claim';

const GUESS = Math.log(4);

/** The claim about truncated backpropagation, by study `tbptt`. */
export function truncationClaim(sources: Sources): Claim {
  const study = sources.study('tbptt');
  const loss = (setting: string) => rowOf(study, { setting }).ours!;
  const [chunks, exact, windows] = [
    'chunks, n = 6',
    'windows, k1 = 1, k2 = 6',
    'windows, k1 = 1, k2 = 7',
  ].map(loss);
  const learns = (value: number) => value < 0.9 * GUESS;
  const as = learns(windows) && !learns(chunks);
  return {
    title:
      'Recurrent models are trained by truncated backpropagation: nothing further back than it reaches is learned',
    evidence: [
      evidenceOf(study, {
        experiment: 'recall of the symbol of 6 steps ago, LSTM; guessing has 1.386 nats',
        ours:
          `chunks of 6: ${chunks.toFixed(3)}; windows of 6: ${exact.toFixed(3)}; windows of 7: ` +
          `${windows.toFixed(3)} (one seed)`,
        verdict: as ? 'shown in small' : 'contradicted',
      }),
    ],
  };
}

/** The claim about twins, by study `twins`. */
export function twinsClaim(sources: Sources): Claim {
  const study = sources.study('twins');
  const share = (setting: string) => rowOf(study, { setting, metric: '‖w − w_k‖ / ‖w − w_0‖' }).ours!;
  const stable = [share('λ = 0.9, k = 5'), share('λ = 0.9, k = 20')];
  const free = [share('unconstrained, k = 5'), share('unconstrained, k = 20')];
  const [fallen, left] = [stable, free].map(([a, b]) => a / b);
  const text = ([five, twenty]: readonly number[]) => `${five.toPrecision(2)} to ${twenty.toPrecision(2)}`;
  return {
    title:
      'Trained from the same start, a stable model and its k-step truncation stay close, exponentially in k',
    evidence: [
      evidenceOf(study, {
        experiment:
          'RNN on chorales: distance of the twins’ weights, as a share of the way, from k = 5 to 20',
        ours: `λ ≤ 0.9: ${text(stable)}; unconstrained: ${text(free)} (one seed)`,
        verdict: fallen > 100 && fallen > 10 * left ? 'shown in small' : 'not shown',
      }),
    ],
  };
}

/** The claim about gradient descent, by study `unstable`. */
export function unstableClaim(sources: Sources): Claim {
  const study = sources.study('unstable');
  const { T } = SIZES[study.setup.budget];
  const working = (a: number) =>
    rowOf(study, { setting: `a = ${a}, from`, metric: 'learning rates that work' }).ours!;
  const width = (a: number) =>
    rowOf(study, { setting: `a = ${a}, T = ${T}`, metric: 'farthest start' }).ours!;
  const outside = COEFFICIENTS.filter((a) => a > 1);
  const inside = COEFFICIENTS.filter((a) => a < 1);
  const holds = inside.every((a) => working(a) > 0) && outside.every((a) => working(a) === 0);
  const widest = Math.max(...outside.map(width));
  const least = Math.min(...inside.map(width));
  return {
    title: 'Outside the stable regime gradient descent cannot be expected to work, even for h = a·h + x',
    evidence: [
      evidenceOf(study, {
        experiment: `fixed learning rates, T = ${T}, from ${DISTANCE} below the target`,
        ours:
          `|a| < 1: ${Math.min(...inside.map(working))} to ${Math.max(...inside.map(working))} of 51 rates work; ` +
          `|a| > 1: ${Math.max(...outside.map(working))}`,
        verdict: holds ? 'shown' : 'contradicted',
      }),
      evidenceOf(study, {
        experiment: `how near a descent must start, T = ${T}`,
        ours: `|a| < 1: ${least} below the target, or more; |a| > 1: at most ${widest}`,
        verdict: widest === 0 ? 'shown' : widest < least ? 'shown in small' : 'contradicted',
      }),
    ],
  };
}
