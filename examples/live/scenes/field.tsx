// Scene: the receptive field, measured. One input is changed, and every output that moves lights up, depth by depth.

import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { signal } from '@preact/signals';
import { Canvas, drawCells, type Paper } from '../shell/canvas';
import { colour, heat } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Frame } from '../shell/parts';
import { put } from '../shell/place';
import { Desk } from '../shell/trainer';
import type { Field } from '../work/pictures';

const LENGTH = 96;

const CONTROLS = {
  place: { kind: 'slider', label: 'the input that is changed', from: 0, to: LENGTH - 1, step: 1, begin: 20 },
  levels: { kind: 'slider', label: 'levels', from: 1, to: 6, step: 1, begin: 4 },
  kernelSize: { kind: 'slider', label: 'taps of a convolution', from: 2, to: 5, step: 1, begin: 2 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
} as const;

const TITLES: Readonly<Record<string, string>> = { tcn: 'TCN', wavenet: 'WaveNet', lstm: 'LSTM' };

/** A worker that answers, the newest question last. */
class Asked {
  readonly picture = signal<Field | null>(null);
  readonly failure = signal('');
  /** What happened to the GPU. */
  readonly notice = signal('');
  private busy = false;
  private next: Readonly<Record<string, number>> | null = null;
  private readonly desk = new Desk((answer) => {
    if (answer.at === 'lost') {
      this.notice.value = answer.message;
      return;
    }
    if (answer.at === 'picture' && answer.picture.name === 'field') this.picture.value = answer.picture;
    if (answer.at === 'failed') this.failure.value = answer.message;
    this.busy = false;
    if (this.next) this.ask(this.next);
  });

  ask(controls: Readonly<Record<string, number>>): void {
    this.next = this.busy ? controls : null;
    if (this.busy) return;
    this.busy = true;
    this.desk.tell({ do: 'field', controls });
  }

  end(): void {
    this.desk.end();
  }
}

/** Three models, each a picture of time to the right and depth upwards. */
export function FieldScene() {
  const asked = useMemo(() => new Asked(), []);
  const { values, nonsense } = settingsOf(CONTROLS);
  useEffect(() => () => asked.end(), []);
  useEffect(() => asked.ask(values), Object.values(values));
  const picture = asked.picture.value;
  const move = (part: number) => {
    const place = Math.min(LENGTH - 1, Math.floor(part * LENGTH));
    put({ place: place === CONTROLS.place.begin ? undefined : String(place) });
  };
  return (
    <Frame
      title="The receptive field"
      claim="A convolutional model cannot see further back than its dilations add up to, however it is trained; a recurrent one has no such edge, but what it hears fades."
      nonsense={nonsense}
    >
      {Object.entries(TITLES).map(([model, title]) => {
        const one = picture?.models.find((found) => found.model === model);
        return (
          <figure key={model} class="panel">
            <figcaption>
              {title} <small data-model={model}>{one ? wordsOn(one, picture!) : 'measuring …'}</small>
            </figcaption>
            <Depths picture={picture} model={model} onDrag={move} />
          </figure>
        );
      })}
      <p class="legend">
        Time goes to the right, the input is the lowest row, every row above it one level more.{' '}
        <span class="key given">the input that is changed</span>{' '}
        <span class="key ramp">how much outputs move, in powers of ten</span>
      </p>
      {asked.notice.value && (
        <p class="note" role="status">
          {asked.notice}
        </p>
      )}
      {asked.failure.value && (
        <p class="note wrong" role="alert">
          {asked.failure}
        </p>
      )}
      <ControlRow controls={CONTROLS} values={values} />
      <p class="remark">
        Measured with the weights that seed {values.seed} gives, before any training: an output counts as
        moved when any of its bits has changed. Drag in a picture to move the change.
      </p>
    </Frame>
  );
}

function wordsOn({ field, moved }: Field['models'][number], { place, length }: Field): string {
  const sees = field === Infinity ? 'no edge' : `${field} steps by its dilations`;
  const rest = length - place;
  const cut = field > rest && field < Infinity ? `, of which ${rest} are in the picture` : '';
  return `sees ${sees}${cut}; ${moved} of ${rest} outputs from there on moved`;
}

interface DepthsProps {
  readonly picture: Field | null;
  readonly model: string;
  onDrag(part: number): void;
}

const ROW = 20;

function Depths({ picture, model, onDrag }: DepthsProps) {
  const draw = useCallback((paper: Paper) => picture && drawDepths(paper, picture, model), [picture, model]);
  const one = picture?.models.find((found) => found.model === model);
  const label = one ? `${TITLES[model]} ${wordsOn(one, picture!)}.` : 'Nothing yet.';
  return <Canvas {...{ label, draw, onDrag, height: ROW * ((one?.levels ?? CONTROLS.levels.begin) + 1) }} />;
}

/** Powers of ten that the colours show, below 1. */
const DECADES = 7;

function drawDepths(paper: Paper, { length, place, models }: Field, model: string): void {
  const { context, width, height } = paper;
  const { moves, levels } = models.find((one) => one.model === model)!;
  const table = heat();
  const bright = (by: number) => (by > 0 ? Math.min(1, Math.max(0.08, 1 + Math.log10(by) / DECADES)) : 0);
  const value = (row: number, t: number) => bright(moves[(levels - 1 - row) * length + t]);
  drawCells(paper, value, [levels, length], [0, 0, width, height - ROW], table);
  context.fillStyle = `rgb(${table[0]},${table[1]},${table[2]})`;
  context.fillRect(0, height - ROW, width, ROW);
  const step = width / length;
  context.fillStyle = colour('given');
  context.fillRect(place * step, height - ROW + 2, step, ROW - 2);
  context.strokeStyle = colour('card');
  context.lineWidth = 1;
  for (let row = 1; row <= levels; row++) {
    context.beginPath();
    context.moveTo(0, row * ROW);
    context.lineTo(width, row * ROW);
    context.stroke();
  }
  for (let t = 1; step > 5 && t < length; t++) {
    context.beginPath();
    context.moveTo(t * step, 0);
    context.lineTo(t * step, height);
    context.stroke();
  }
}
