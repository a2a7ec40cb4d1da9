// Scene: attention. A model learns to write dates as ISO 8601 has them; where in a date it looks while it writes.

import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { Canvas, drawCells, type Paper } from '../shell/canvas';
import { Chart } from '../shell/chart';
import { colour, heat } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { put } from '../shell/place';
import { Trainer, type How } from '../shell/trainer';
import type { Attention } from '../work/pictures';
import './attention.css';

const CONTROLS = {
  date: {
    kind: 'words',
    label: 'a date as you would write it',
    begin: 'Thursday, Mar the twenty-second, 1979',
    most: 72,
  },
  model: {
    kind: 'choice',
    label: 'model',
    of: ['attention-lstm', 'transformer', 'convs2s'],
    begin: 'attention-lstm',
  },
  steps: { kind: 'slider', label: 'training steps', from: 2, to: 2000, step: 2, begin: 1000 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
} as const;

/** Fewer dates than otherwise: a validation of them all takes longer than 50 steps. */
const GIVEN = { evaluateEvery: 100, evaluationDates: 128 } as const;

/** The attention matrix of a date, with what is written for it below. */
export function AttentionScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const { values, nonsense } = settingsOf(CONTROLS);
  const { date, model, steps, seed } = values;
  useEffect(() => () => trainer.stop(), []);
  useEffect(() => trainer.look({ date }), [date]);
  const start = (how: How) =>
    trainer.start(
      { task: 'dates', model, given: { ...GIVEN, steps, seed } },
      { name: 'attention', controls: { date } },
      how,
    );
  const picture = trainer.picture.value as Attention | null;
  const { loss, validation } = trainer.curve.value;
  const { date: live, ...settings } = CONTROLS;
  const offered = picture?.offered ?? [];
  const another = () => put({ date: offered[(offered.indexOf(date) + 1) % offered.length] });
  return (
    <Frame
      title="Attention"
      claim="While it writes a date anew, a model looks back at the one it was given: nobody tells it where the year stands, and it learns to look there."
      nonsense={nonsense}
    >
      <figure class="panel">
        <figcaption>
          Where it looks <small>{picture ? `behind step ${picture.step}` : 'nothing yet'}</small>
        </figcaption>
        <Matrix picture={picture} />
        <Translation picture={picture} />
      </figure>
      <p class="legend">
        Its date from left to right, what it writes downwards.{' '}
        <span class="key ramp">how much it looks there</span>{' '}
        <span class="key sure">how likely it holds what it writes</span>
      </p>
      <ControlRow controls={{ date: live }} values={values} />
      <div class="run">
        <button disabled={!offered.length} onClick={another}>
          Another date
        </button>
      </div>
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow controls={settings} values={values} disabled={trainer.active.value} />
      <Numbers runs={[{ name: model, trainer, colour: 'blue' }]} />
      <Chart
        log
        label="Loss and validation over the training steps, in nats per character"
        up="nats per character"
        lines={[
          { label: 'loss', colour: 'blue', ...loss },
          { label: 'validation', colour: 'orange', ...validation },
        ]}
      />
      <p class="remark">{wordsOnEnd(trainer)}</p>
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

function wordsOnEnd({ ended }: Trainer): string {
  const exact = ended.value?.measures['exact match'];
  return exact === undefined
    ? 'It is tested on dates in forms that training does not have; “Another date” offers some of them.'
    : `Of the dates that test, in forms that training does not have, it writes ${(exact * 100).toFixed(1)} % without a fault.`;
}

function Translation({ picture }: { readonly picture: Attention | null }) {
  const { written = '–', wanted, text = '' } = picture ?? {};
  const verdict = wanted === undefined ? '' : wanted === written ? 'right' : `${wanted} is right`;
  return (
    <p class="said">
      <span>{text}</span> → <output>{written || '–'}</output> <small>{verdict}</small>
    </p>
  );
}

/** What stands left of the cells and above them, a row, and the least of a column: the first date fits a phone. */
const [LEFT, TOP, ROW, LEAST] = [52, 24, 22, 6];
/** The widest column; as many rows as an ISO date has symbols, its end counted. */
const [MOST, ROWS] = [26, 11];

function Matrix({ picture }: { readonly picture: Attention | null }) {
  const draw = useCallback((paper: Paper) => picture && drawMatrix(paper, picture), [picture]);
  const wide = LEFT + LEAST * (picture?.source.length ?? 0);
  return (
    <div class="across" tabIndex={0} role="region" aria-label="Attention">
      <div style={{ minWidth: `${wide}px` }}>
        <Canvas {...{ draw, label: labelOf(picture), height: TOP + ROWS * ROW }} />
      </div>
    </div>
  );
}

/** Where it looks most, symbol by symbol. */
function labelOf(picture: Attention | null): string {
  if (!picture) return 'Nothing yet.';
  const { source, target, weights, written, text } = picture;
  const places = target.map((symbol, t) => {
    const row = weights.subarray(t * source.length, (t + 1) * source.length);
    return `${symbol} at ${source[row.indexOf(Math.max(...row))].trim() || 'a space'}`;
  });
  return `“${text}” becomes “${written}”; it looks most, for ${places.join(', ')}.`;
}

function drawMatrix(paper: Paper, { source, target, weights, sure }: Attention): void {
  const { context, width } = paper;
  const [S, T] = [source.length, target.length];
  const cell = Math.min(MOST, (width - LEFT) / S);
  // By their roots, so that what is spread over a whole date is seen.
  const value = (t: number, s: number) => Math.sqrt(weights[t * S + s]);
  drawCells(paper, value, [T, S], [LEFT, TOP, cell * S, ROW * T], heat());
  context.fillStyle = colour('ink');
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  context.font = `${Math.min(15, cell * 1.4)}px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace`;
  source.forEach((symbol, s) => context.fillText(symbol, LEFT + (s + 0.5) * cell, TOP / 2));
  context.font = `600 15px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace`;
  target.forEach((symbol, t) => context.fillText(symbol, LEFT - 14, TOP + (t + 0.5) * ROW + 1));
  const bar = LEFT - 30;
  target.forEach((_, t) => {
    context.fillStyle = colour('line');
    context.fillRect(0, TOP + t * ROW + 7, bar, ROW - 14);
    context.fillStyle = colour('orange');
    context.fillRect(0, TOP + t * ROW + 7, bar * sure[t], ROW - 14);
  });
}
