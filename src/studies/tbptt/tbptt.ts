// Study `tbptt`: the two styles of truncated backpropagation through time. A stream in which every target is the symbol
// of d steps before tells how far a style really goes back: chunks of n steps need n well above d, windows of k2 steps
// behind every loss need one more than d ("Styles of Truncated Backpropagation", r2rt.com, 2016).

import { array, type HostArray } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import { gradientByLag } from '../../lab/byLag';
import { carriedState, segmentLoss, type GradientCut } from '../../lab/tbptt';
import { seed as seedParameters } from '../../nn/init';
import { SequenceModel } from '../../nn/sequenceModel';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { Adam } from '../../optim/adam';
import { Random } from '../../random';
import type { Cell, Context, Study } from '../../runs/study';
import { POINTS, cells, type TbpttResult, type TbpttSettings } from './tbpttCells';
import { tbpttFindings } from './tbpttFindings';

/** An endless stream of symbols, `batch` side by side, cut into segments of T that repeat the last `lead` steps. */
class Stream {
  private readonly random: Random;
  private past: number[][];

  constructor(
    private readonly settings: TbpttSettings,
    private readonly lead: number,
    name = 'stream',
  ) {
    this.random = new Random(settings.seed).fork(name);
    const { batch, symbols, delay } = settings;
    this.past = Array.from({ length: batch }, () =>
      Array.from({ length: delay + lead }, () => this.random.integer(symbols)),
    );
  }

  /** x [B, lead + T, symbols], one of each row a one; targets u32 [B, lead + T]. */
  next(): [HostArray, HostArray] {
    const { batch, symbols, delay, T: length } = this.settings;
    const long = this.lead + length;
    const x = new Float32Array(batch * long * symbols);
    const targets = new Uint32Array(batch * long);
    this.past = this.past.map((past, b) => {
      const all = [...past, ...Array.from({ length }, () => this.random.integer(symbols))];
      for (let t = 0; t < long; t++) {
        x[(b * long + t) * symbols + all[delay + t]] = 1;
        targets[b * long + t] = all[t];
      }
      return all.slice(length);
    });
    return [array([batch, long, symbols], x), array([batch, long], targets)];
  }
}

async function run({ settings }: Cell<TbpttSettings>, context: Context): Promise<TbpttResult> {
  const { style, reach, hidden, symbols, batch, steps, learningRate, seed, delay } = settings;
  const engine = await context.engine();
  seedParameters(seed);
  const model = new SequenceModel(
    symbols,
    symbols,
    { model: 'lstm', hidden, levels: 1, gain: 2, forgetBias: 1 },
    seed,
  );
  const optimizer = new Adam(model.parameters(), { learningRate, clipNorm: 1 });
  const carry = carriedState(model, batch);
  const cut: GradientCut | undefined =
    style === 'full' ? undefined : style === 'true' ? { style, k1: 1, k2: reach } : { style, n: reach };
  const lead = style === 'true' ? reach - 1 : 0;
  const loss = (y: Tensor, targets: Tensor) => crossEntropy(y, targets);
  const step = engine.train((x: Tensor, targets: Tensor) =>
    optimizer.minimize(segmentLoss(model, { x, targets, loss, carry, cut, lead })),
  );
  const stream = new Stream(settings, lead);
  const every = Math.max(1, Math.round(steps / POINTS));
  const curve: [number, number][] = [];
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    losses.push(await step(...stream.next()).item());
    context.progress(i / steps, `loss ${losses[i - 1].toPrecision(4)}`);
    if (i % every === 0) curve.push([i, mean(losses.slice(-every))]);
  }
  const measure = gradientByLag(engine, model, { loss, lags: 2 * delay });
  const gradient = await measure(...new Stream(settings, 0, 'probe').next());
  return { curve, loss: mean(losses.slice(-Math.ceil(steps / 10))), gradient };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The study of two styles of truncated backpropagation. */
export const tbptt: Study<TbpttSettings, TbpttResult> = {
  name: 'tbptt',
  title: 'Two styles of truncated backpropagation',
  claim: 'chunks of n steps do not learn what is n steps away; windows of n + 1 steps behind every loss do',
  source: '"Styles of Truncated Backpropagation", r2rt.com (2016); Williams & Peng (1990)',
  cells,
  run,
  words: ({ loss }) => `${loss.toPrecision(3)} nats`,
  findings: tbpttFindings,
};
