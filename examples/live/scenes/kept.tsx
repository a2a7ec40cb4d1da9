// Runs that this browser keeps: the page offers to go on with them, when it was closed or they were stopped.

import { useEffect } from 'preact/hooks';
import { askRuns, forgetRun, keptRuns, noAdapter, type Trainer } from '../shell/trainer';
import type { KeptRun } from '../work/messages';
import './kept.css';

interface Props {
  readonly scene: string;
  readonly trainer: Trainer;
  /** What a model is called. */
  titleOf?(model: string): string;
  resume(run: KeptRun): void;
}

const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** How often it is looked whether a run that was under way has ended. */
const LOOK_MS = 500;

/** The runs of a scene that nobody is at, and where the run that is under way is kept. */
export function Kept({ scene, trainer, titleOf = (model) => model.toUpperCase(), resume }: Props) {
  const active = trainer.active.value;
  useEffect(askRuns, [active]);
  // The lock of a worker that was ended goes a moment later, and of a tab that was killed when the browser sees it.
  const waits = !active && keptRuns.value.some(({ open }) => open);
  useEffect(() => {
    const again = waits ? setTimeout(askRuns, LOOK_MS) : undefined;
    return () => clearTimeout(again);
  }, [waits, keptRuns.value]);
  const kept = trainer.kept.value;
  const runs = keptRuns.value.filter((run) => run.scene === scene && !run.open);
  return (
    <>
      {kept !== null && (
        <p class={typeof kept === 'string' ? 'note wrong' : 'remark'}>
          {typeof kept === 'string'
            ? `This run is not kept, and ends with the page: ${kept}`
            : `Kept in this browser up to step ${kept}: it goes on from there when the page was closed.`}
        </p>
      )}
      {!active && runs.length > 0 && (
        <section class="kept" aria-label="Kept runs">
          <h2>Kept in this browser</h2>
          <ul>
            {runs.map((run) => (
              <li key={run.id}>
                <Run {...{ run, resume }} model={titleOf(run.wish.model)} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface RunProps extends Pick<Props, 'resume'> {
  readonly run: KeptRun;
  readonly model: string;
}

function Run({ run, model, resume }: RunProps) {
  const { id, heading, step, steps, at } = run;
  const what = `${model}, ${heading}: step ${step} of ${steps}`;
  return (
    <>
      <span>
        {what} <small>{when.format(at)}</small>
      </span>
      <button
        disabled={noAdapter.value !== ''}
        aria-label={`${step < steps ? 'Go on with' : 'Show'} ${what}`}
        onClick={() => resume(run)}
      >
        {step < steps ? 'Go on' : 'Show'}
      </button>
      <button aria-label={`Remove ${what}`} onClick={() => forgetRun(id)}>
        Remove
      </button>
    </>
  );
}

/** A place for a new run. */
export const newPlace = (scene: string) => ({ scene, id: crypto.randomUUID() });
