// Runs side by side: curves with one cursor, and the settings in which they differ.

import { Chart, type Line } from '../shell/chart';
import { COLOURS, number } from '../shell/parts';
import type { Curve } from '../shell/trainer';
import { oneCursor } from './cursor';
import { pins, type Pin } from './pins';
import './compare.css';

/** All charts have it together. */
const CURSOR = oneCursor('pinned');

interface Props {
  /** The run that is on the page, where it has begun. */
  readonly now: Pin | null;
}

/** The pinned runs beside the one on the page. */
export function Compare({ now }: Props) {
  const runs = [...(now ? [{ ...now, name: `${now.name}, now` }] : []), ...pins.value];
  // The colour of a pin stays when the run on the page goes.
  const coloured = runs.map((run, i) => ({ run, colour: COLOURS[now ? i : i + 1] }));
  const linesOf = (kind: keyof Curve): Line[] =>
    coloured.map(({ run, colour }) => ({ label: run.name, colour, ...run.curve[kind] }));
  return (
    <section class="compare" aria-label="Pinned runs">
      <h2>Beside each other</h2>
      <ul>
        {coloured.map(({ run, colour }) => (
          <li key={run.name}>
            <i class={`mark ${colour}`} />
            <span>
              {run.name} <small>{run.begun.heading}, </small>
              {run.ended
                ? `test, ${run.begun.metric}: ${number(run.ended.test, 6)}`
                : `step ${run.step} of ${run.begun.steps}`}
            </span>
            {pins.value.includes(run) && (
              <button
                aria-label={`Take out ${run.name}`}
                onClick={() => (pins.value = pins.value.filter((one) => one !== run))}
              >
                Take out
              </button>
            )}
          </li>
        ))}
      </ul>
      <h3>Loss</h3>
      <Chart
        log
        plugin={CURSOR}
        label="Loss of all runs over the training steps"
        up="loss"
        lines={linesOf('loss')}
      />
      <h3>Validation</h3>
      <Chart
        log
        plugin={CURSOR}
        label="Validation of all runs over the training steps"
        up="validation"
        lines={linesOf('validation')}
      />
      <Differences runs={runs} />
    </section>
  );
}

/** The settings in which runs differ, as a table. */
function Differences({ runs }: { readonly runs: readonly Pin[] }) {
  const all = runs.map(({ begun }) => begun.settings);
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  const differ = names.filter((name) => new Set(all.map(({ [name]: value }) => value)).size > 1);
  const same = names.length - differ.length;
  if (!differ.length) return <p class="remark">All {same} settings are the same.</p>;
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="Settings that differ">
      <table class="differences">
        <caption>{same} settings are the same; these differ:</caption>
        <thead>
          <tr>
            <th scope="col">setting</th>
            {runs.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differ.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {all.map(({ [name]: value = '–' }, i) => (
                <td key={runs[i].name}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
