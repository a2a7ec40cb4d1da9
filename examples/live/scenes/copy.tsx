// Scene: copy memory, a recurrent and a convolutional model side by side.

import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { Canvas, drawCells, type Paper } from '../shell/canvas';
import { Chart, type Line } from '../shell/chart';
import { colour, heat } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { Trainer, type How } from '../shell/trainer';
import type { Answers } from '../work/pictures';

const CONTROLS = {
  length: { kind: 'slider', label: 'T, steps to remember over', from: 10, to: 200, step: 10, begin: 50 },
  steps: { kind: 'slider', label: 'training steps', from: 20, to: 1000, step: 20, begin: 320 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
} as const;

const MODELS = [
  { model: 'lstm', name: 'LSTM', colour: 'blue' },
  { model: 'tcn', name: 'TCN', colour: 'orange' },
] as const;

/** Ten digits, T blank steps, ten answers. */
export function CopyScene() {
  const runs = useMemo(() => MODELS.map((one) => ({ ...one, trainer: new Trainer() })), []);
  const trainers = runs.map(({ trainer }) => trainer);
  const { values, nonsense } = settingsOf(CONTROLS);
  useEffect(() => () => trainers.forEach((one) => one.stop()), []);
  const start = (how: How) =>
    runs.forEach(({ model, trainer }) =>
      trainer.start({ task: 'copy', model, given: { ...values } }, { name: 'answers', controls: {} }, how),
    );
  const active = trainers.some((one) => one.active.value);
  return (
    <Frame
      title="Copy memory"
      claim="A convolutional model looks back as far as its dilations reach, and copies ten digits over any such gap; a recurrent one has to carry them through every step between."
      nonsense={nonsense}
    >
      {runs.map(({ name, trainer, colour: hue }) => (
        <figure key={name} class="panel">
          <figcaption>
            <i class={`mark ${hue}`} />
            {name}
          </figcaption>
          <Roll trainer={trainer} name={name} />
        </figure>
      ))}
      <p class="legend">
        Time goes to the right, digits upwards. <span class="key given">what it is given</span>{' '}
        <span class="key wanted">what is wanted</span> <span class="key ramp">how sure it is</span>
      </p>
      <RunBar {...{ trainers, start }} />
      <ControlRow controls={CONTROLS} values={values} disabled={active} />
      <Numbers runs={runs} />
      <Chart log label="Loss of both models over the training steps" up="nats" lines={linesOf(runs)} />
      <Commands lines={trainers.map((one) => one.begun.value?.command)} />
    </Frame>
  );
}

function linesOf(runs: readonly { name: string; colour: string; trainer: Trainer }[]): Line[] {
  const lines = runs.map(({ name, colour: hue, trainer }) => ({
    label: name,
    colour: hue,
    ...trainer.curve.value.loss,
  }));
  const { begun } = runs[0].trainer;
  const { steps = 1, anchors = [] } = begun.value ?? {};
  return [
    ...lines,
    ...anchors.map(({ name, value }) => ({
      ...{ label: name, colour: 'pale', steps: [1, steps], values: [value, value], dashed: true },
    })),
  ];
}

/** Digits that there are, and the blank below them. */
const ROWS = 9;
const ENDS = 10;

function Roll({ trainer, name }: { readonly trainer: Trainer; readonly name: string }) {
  const picture = trainer.picture.value as Answers | null;
  const draw = useCallback((paper: Paper) => drawRoll(paper, picture), [picture]);
  return <Canvas {...{ draw, height: 150 }} label={labelOf(name, picture)} />;
}

function labelOf(name: string, picture: Answers | null): string {
  if (!picture) return `${name}: nothing yet.`;
  const { steps, classes, probabilities, targets } = picture;
  const sure = Array.from({ length: ENDS }, (_, i) => {
    const t = steps - ENDS + i;
    return probabilities[t * classes + targets[t]];
  });
  const right = sure.filter((part) => part > 0.5).length;
  return `${name} behind step ${picture.step}: sure of ${right} of the ten digits.`;
}

/** Ends of the sequence are drawn wider than the blank steps between. */
function columnsOf(steps: number, width: number): (t: number) => number {
  const wide = Math.min(width * 0.032, 26);
  const narrow = (width - 2 * ENDS * wide) / Math.max(1, steps - 2 * ENDS);
  return (t) => {
    if (t <= ENDS) return t * wide;
    if (t <= steps - ENDS) return ENDS * wide + (t - ENDS) * narrow;
    return width - (steps - t) * wide;
  };
}

function drawRoll(paper: Paper, picture: Answers | null): void {
  const { context, width, height } = paper;
  const table = heat();
  const row = height / ROWS;
  context.fillStyle = `rgb(${table[0]},${table[1]},${table[2]})`;
  context.fillRect(0, 0, width, height);
  if (!picture) return;
  const { steps, classes, probabilities, targets, input } = picture;
  const at = columnsOf(steps, width);
  // A digit's row, the largest on top.
  const digit = (r: number) => ROWS - 1 - r;
  const value = (t: number) => (r: number) => probabilities[t * classes + digit(r)];
  const [a, b] = [ENDS, steps - ENDS];
  for (const [from, to] of [
    [0, a],
    [a, b],
    [b, steps],
  ]) {
    const box = [at(from), 0, at(to) - at(from), height] as const;
    drawCells(paper, (r, c) => value(from + c)(r), [ROWS, to - from], box, table);
  }
  const mark = (t: number, one: number, stroke: boolean) => {
    const box = [at(t) + 1.5, (ROWS - 1 - one) * row + 1.5, at(t + 1) - at(t) - 3, row - 3] as const;
    if (stroke) context.strokeRect(...box);
    else context.fillRect(...box);
  };
  context.fillStyle = colour('given');
  for (let t = 0; t < ENDS; t++) mark(t, input[t], false);
  context.strokeStyle = colour('wanted');
  context.lineWidth = 1.5;
  for (let t = b; t < steps; t++) mark(t, targets[t], true);
}
