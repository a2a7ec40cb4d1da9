// A training that has left the finite numbers: found by its loss, or by an update that the device skipped, and told
// with the op that was the first to leave them.

import type { Engine, Step } from '../gpu/engine';
import { checkStep } from '../gpu/look/checkStep';
import { fail } from '../graph/check';
import type { Argument } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import { lossScaleOf } from '../optim/lossScale';
import type { Optimizer } from '../optim/optimizer';

interface Watched {
  readonly engine: Engine;
  readonly optimizer: Optimizer;
  readonly step: Step<Tensor>;
}

/** Batches kept to look at: more than are made between two looks at the count of skipped updates, on most devices. */
const MOST_BATCHES = 256;

/** Watches a run, and stops it at a loss or an update that is not finite, with the op that was the first not to be. */
export class Divergence {
  /** Batches of the last steps, by step. */
  private readonly batches = new Map<number, readonly Argument[]>();

  private constructor(
    private readonly watched: Watched,
    /** Updates that had been skipped before. */
    private known: number,
    /** Steps of the run that the optimizer has not counted. */
    private readonly ahead: number,
  ) {}

  /** Watches a run that has made `steps` so far. */
  static async watch(watched: Watched, steps: number): Promise<Divergence> {
    const { engine, optimizer } = watched;
    const [known] = await engine.read(optimizer.skips);
    if (known) engine.write(optimizer.skips, Uint32Array.of(known, 0));
    return new Divergence(watched, known, steps - optimizer.steps);
  }

  /** Keeps the batch of a step until it is known to have gone well. */
  keep(step: number, batch: readonly Argument[]): void {
    this.batches.set(step, batch);
    if (this.batches.size > MOST_BATCHES) this.batches.delete(step - MOST_BATCHES);
  }

  /** Stops at a loss that is not finite. */
  async refuseLoss(step: number, loss: number): Promise<void> {
    if (!Number.isFinite(loss)) await this.stop(step, `the loss is ${loss}`);
  }

  /** Stops at a measure that is no number. */
  async refuseMeasure(step: number, value: number): Promise<void> {
    if (Number.isNaN(value)) await this.stop(step, 'the evaluation is NaN');
  }

  /** Stops if an update has been skipped since the last look; where the loss is scaled, if no smaller scale is left. */
  async refuseSkips(): Promise<void> {
    const { engine, optimizer } = this.watched;
    const made = [...this.batches.keys()];
    const [count, first] = await engine.read(optimizer.skips);
    if (count > this.known && !(await this.scaledDown(count))) {
      const at = lossScaleOf(optimizer) ? ' at a loss scale of 1' : '';
      await this.stop(
        this.ahead + first,
        `the norm of the gradients is not finite${at}, or has no square in f32, so nothing was changed,`,
      );
    }
    made.forEach((step) => this.batches.delete(step));
  }

  /** Whether updates were skipped since the loss was scaled by too much: now it is scaled by less. */
  private async scaledDown(count: number): Promise<boolean> {
    const { engine, optimizer } = this.watched;
    const lossScale = lossScaleOf(optimizer);
    if (!lossScale) return false;
    const [scale] = await engine.read(lossScale.scale);
    if (scale <= 1) return false;
    this.known = count;
    engine.write(optimizer.skips, Uint32Array.of(0), 1);
    return true;
  }

  private async stop(step: number, what: string): Promise<never> {
    const { learningRate, clipNorm } = this.watched.optimizer;
    const settings = `learningRate ${learningRate}, ${clipNorm ? `clipNorm ${clipNorm}` : 'no clipping'}`;
    fail(`fit: ${what} at step ${step}.`, {
      kind: 'diverged',
      given: `${settings}\n    ${(await this.look(step)).replaceAll('\n', '\n    ')}`,
      fix: `lower the learning rate, ${clipping(clipNorm)}or mend what the op was given.`,
    });
  }

  /** What checkStep says of the batch of that step. */
  private async look(step: number): Promise<string> {
    const batch = this.batches.get(step);
    if (!batch) return `The batch of step ${step} is gone: give it to checkStep to see the op.`;
    const found = await checkStep(this.watched.step, ...batch);
    if (!found.finite) return String(found);
    return 'Run again, with the parameters as they are now, all its values are finite.';
  }
}

/** What is left to do with the norm of the gradients; it is clipped to 0.25 to 1 as a rule. */
const clipping = (now: number): string => {
  if (now > 0 && now <= 0.25) return '';
  return `${now > 0 ? 'lower' : 'set'} clipNorm (0.25 to 1), `;
};
