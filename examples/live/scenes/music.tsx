// Scene: music. A model learns which keys sound next; what it expects and what it plays, drawn, heard and saved.

import { signal } from '@preact/signals';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { Canvas, drawCells, type Paper } from '../shell/canvas';
import { Chart } from '../shell/chart';
import { colour, heat } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { hides } from '../shell/place';
import { Trainer, type How } from '../shell/trainer';
import type { OwnFile, Wish } from '../work/messages';
import type { Music } from '../work/pictures';
import { Drop } from './drop';
import { Player } from './player';
import { save } from './save';
import { withSetsHere, type Wished } from './sets';
import './music.css';

const SAMPLE = 'chorales.mid';
const CREDIT = '48 chorales by Johann Sebastian Bach';

const CONTROLS = {
  data: { kind: 'choice', label: 'music', of: ['sample', 'jsb', 'nottingham'], begin: 'sample' },
  model: {
    kind: 'choice',
    label: 'model',
    of: ['lstm', 'gru', 'rnn', 'tcn', 'wavenet', 'gcnn', 'transformer'],
    begin: 'lstm',
  },
  steps: { kind: 'slider', label: 'training steps', from: 10, to: 1000, step: 10, begin: 150 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
  temperature: { kind: 'slider', label: 'temperature', from: 0.2, to: 1.5, step: 0.1, begin: 1 },
  piece: { kind: 'slider', label: 'the piece that it goes on with', from: 0, to: 9, step: 1, begin: 0 },
  tempo: { kind: 'slider', label: 'steps a minute', from: 40, to: 600, step: 20, begin: 100 },
} as const;

/** Files that were dropped stay while the page is open. */
const dropped = signal<readonly OwnFile[]>([]);

/** A few chorales are soon known by heart: what keeps recurrent models from that, as they have it on all chorales. */
const FEW = { gain: 4, dropout: 0.5, inputDropout: 0.05 } as const;
const RECURRENT: readonly string[] = ['lstm', 'gru', 'rnn'];

/** What is trained on: the sample, a set of the data folder, or files of the reader's own. */
function wishOf({ data, model, steps, seed }: Wished): Wish {
  const often = { steps, seed, evaluateEvery: 50 };
  if (data !== 'sample') return { task: data, model, given: often };
  const given = { ...often, ...(RECURRENT.includes(model) && FEW) };
  return dropped.value.length
    ? { task: 'music', model, given, files: { own: dropped.value } }
    : { task: 'music', model, given: { ...given, stepsPerBeat: 1 }, files: { sample: SAMPLE } };
}

/** A piano roll: what it expects, and what it has drawn from that. */
export function MusicScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const player = useMemo(() => new Player(), []);
  const controls = withSetsHere(CONTROLS);
  const { values, nonsense } = settingsOf(controls);
  const { model, temperature, piece, tempo, seed } = values;
  const look = { temperature, piece, tempo, seed };
  useEffect(() => () => [trainer, player].forEach((one) => one.stop()), []);
  useEffect(() => trainer.look(look), [temperature, piece, tempo, seed]);
  const start = (how: How) => {
    trainer.start(wishOf(values), { name: 'music', controls: look }, how);
  };
  const playing = player.at.value;
  // What is heard stays in sight, whatever the model has learned meanwhile.
  const heard = useRef<Music | null>(null);
  if (playing === null) heard.current = trainer.picture.value as Music | null;
  const picture = heard.current;
  const { loss, validation } = trainer.curve.value;
  const { data: set, model: which, steps: long, seed: drawn, ...live } = controls;
  return (
    <Frame
      title="Music"
      claim="Of every key a model learns how likely it sounds next, given all chords so far: music is drawn from that, and what it has learned can be heard."
      nonsense={nonsense}
    >
      {!hides() && (
        <Drop
          files={dropped.value}
          sample={SAMPLE}
          what="MIDI files"
          credit={CREDIT}
          set={(list) => (dropped.value = list)}
        />
      )}
      <figure class="panel">
        <figcaption>
          It plays <small>{picture ? `behind step ${picture.step}` : 'nothing yet'}</small>
        </figcaption>
        <Roll picture={picture} playing={playing} />
      </figure>
      <p class="legend">
        Time goes to the right, keys upwards. <span class="key given">what it was given</span>{' '}
        <span class="key drawn">what it plays</span> <span class="key ramp">how likely it held a key</span>
      </p>
      <Heard {...{ picture, player }} />
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow
        controls={{ data: set, model: which, steps: long, seed: drawn }}
        values={values}
        disabled={trainer.active.value}
      />
      <ControlRow controls={live} values={values} />
      <Numbers runs={[{ name: model, trainer, colour: 'blue' }]} />
      <Chart
        label="Loss and validation over the training steps, in nats per step"
        up="nats per step"
        lines={[
          { label: 'loss', colour: 'blue', ...loss },
          { label: 'validation', colour: 'orange', ...validation },
        ]}
      />
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

interface HeardProps {
  readonly picture: Music | null;
  readonly player: Player;
}

/** Buttons to hear it and to keep it. */
function Heard({ picture, player }: HeardProps) {
  const { notes = [], tempo = 1, length = 0, midi, step } = picture ?? {};
  const plays = player.at.value !== null;
  return (
    <div class="run">
      <button
        disabled={!picture}
        onClick={() => (plays ? player.stop() : player.notes(notes, tempo, length))}
      >
        {plays ? 'Be quiet' : 'Play'}
      </button>
      <button disabled={!midi} onClick={() => save(midi!, `music-${step}.mid`, 'audio/midi')}>
        Save as MIDI
      </button>
    </div>
  );
}

const ROW = 5;
/** The lowest key is an A; every twelfth from the fourth on is a C. */
const isC = (key: number): boolean => key % 12 === 3;
const octaveOf = (key: number): number => Math.floor((key + 9) / 12);
const LEFT = 26;

interface RollProps {
  readonly picture: Music | null;
  readonly playing: number | null;
}

function Roll({ picture, playing }: RollProps) {
  // Drawn anew for every step that is heard, not for every frame.
  const at = playing === null || !picture ? -1 : Math.floor(playing * picture.length);
  const draw = useCallback((paper: Paper) => picture && drawRoll(paper, picture, at), [picture, at]);
  const [low, high] = picture?.range ?? [21, 76];
  return <Canvas {...{ draw, label: labelOf(picture), height: (high - low + 1) * ROW }} />;
}

function labelOf(picture: Music | null): string {
  if (!picture) return 'Nothing yet.';
  const { notes, given, length, step } = picture;
  const own = notes.filter(({ to }) => to > given);
  return `Behind step ${step}: ${own.length} notes in the ${length - given} steps that it plays.`;
}

function drawRoll(paper: Paper, { notes, probabilities, range, length, given }: Music, at: number): void {
  const { context, width, height } = paper;
  const [low, high] = range;
  const rows = high - low + 1;
  const step = (width - LEFT) / length;
  const keys = probabilities.length / (length - 1);
  // Nothing is expected of the first step.
  const value = (r: number, t: number) => (t ? probabilities[(t - 1) * keys + high - r] : 0);
  drawCells(paper, value, [rows, length], [LEFT, 0, width - LEFT, height], heat());
  const y = (key: number) => (high - key) * ROW;
  context.font = '10px system-ui, sans-serif';
  context.textBaseline = 'alphabetic';
  for (let key = low; key <= high; key++) {
    if (!isC(key)) continue;
    context.fillStyle = colour('line');
    context.fillRect(LEFT, y(key) + ROW - 0.5, width - LEFT, 1);
    context.fillStyle = colour('pale');
    context.fillText(`C${octaveOf(key)}`, 2, y(key) + ROW);
  }
  for (const { key, from, to } of notes) {
    const bar = (a: number, b: number, hue: string) => {
      if (b <= a) return;
      context.fillStyle = colour(hue);
      context.fillRect(LEFT + a * step + 1, y(key) + 0.5, (b - a) * step - 2, ROW - 1);
    };
    bar(from, Math.min(to, given), 'given');
    bar(Math.max(from, given), to, 'orange');
  }
  if (at < 0) return;
  context.fillStyle = colour('ink');
  context.fillRect(LEFT + at * step - 1, 0, 2, height);
}
