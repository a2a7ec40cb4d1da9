// Scene: speech. A model draws a word sample by sample; its spectrogram beside that of a recording, heard and saved.

import { signal } from '@preact/signals';
import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { Canvas, drawCells, type Paper } from '../shell/canvas';
import { Chart } from '../shell/chart';
import { colour, heat } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { hides } from '../shell/place';
import { adapter, Trainer, type How } from '../shell/trainer';
import type { OwnFile, Wish } from '../work/messages';
import type { Sound } from '../work/pictures';
import { Drop } from './drop';
import { Player } from './player';
import { save } from './save';
import { withSetsHere, type Wished } from './sets';

const SAMPLE = 'digits';
const CREDIT =
  '18 recordings of “one”, “five” and “eight” by Jackson, of the Free Spoken Digit Dataset, CC BY-SA 4.0';

const CONTROLS = {
  data: { kind: 'choice', label: 'recordings', of: ['sample', 'digits'], begin: 'sample' },
  model: { kind: 'choice', label: 'model', of: ['wavenet', 'tcn', 'gcnn', 'lstm', 'gru'], begin: 'wavenet' },
  steps: { kind: 'slider', label: 'training steps', from: 2, to: 2000, step: 2, begin: 400 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
  word: { kind: 'slider', label: 'the word that it says', from: 0, to: 9, step: 1, begin: 0 },
  seconds: { kind: 'slider', label: 'seconds', from: 0.1, to: 1, step: 0.1, begin: 0.4 },
  temperature: { kind: 'slider', label: 'temperature', from: 0.5, to: 1.2, step: 0.05, begin: 0.9 },
} as const;

/** Files that were dropped stay while the page is open. */
const dropped = signal<readonly OwnFile[]>([]);

/** What is trained on: the sample, the set of the data folder, or files of the reader's own. */
function wishOf({ data, model, steps, seed }: Wished): Wish {
  const given = { steps, seed, evaluateEvery: 100 };
  if (data !== 'sample') return { task: data, model, given: { ...given, evaluationPieces: 32 } };
  const files = dropped.value.length ? { own: dropped.value } : { sample: SAMPLE };
  return { task: 'sound', model, given: { ...given, evaluationPieces: 16 }, files };
}

/** Spectrograms: of what it says, and of a recording. */
export function SoundScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const player = useMemo(() => new Player(), []);
  const controls = withSetsHere(CONTROLS);
  const { values, nonsense } = settingsOf(controls);
  const { model, word, seconds, temperature, seed } = values;
  const look = { word, seconds, temperature, seed };
  useEffect(() => () => [trainer, player].forEach((one) => one.stop()), []);
  useEffect(() => trainer.look(look), [word, seconds, temperature, seed]);
  const start = (how: How) => trainer.start(wishOf(values), { name: 'sound', controls: look }, how);
  const picture = trainer.picture.value as Sound | null;
  const { loss, validation } = trainer.curve.value;
  const { data: set, model: which, steps: long, seed: drawn, ...live } = controls;
  return (
    <Frame
      title="Speech"
      claim="Eight thousand times a second a WaveNet draws the next sample from what it expects, with a thirtieth of a second in sight: noise at first, then a voice."
      nonsense={nonsense}
    >
      {!hides() && (
        <Drop
          files={dropped.value}
          sample={SAMPLE}
          what="WAV files"
          credit={CREDIT}
          set={(list) => (dropped.value = list)}
        />
      )}
      <Spectra {...{ picture, player }} />
      <p class="legend">
        Time goes to the right, frequencies up to 4 kHz upwards.{' '}
        <span class="key ramp">70 dB, from quiet to loud</span>
      </p>
      {adapter.value?.software && (
        <p class="remark">
          On an adapter like this one it comes to a voice, seldom to words: of the digits that such a WaveNet
          said, trained on CPU cores in study speech, a recogniser understood 25 %, of recordings 97 %; who
          guesses has 10 %.
        </p>
      )}
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow
        controls={{ data: set, model: which, steps: long, seed: drawn }}
        values={values}
        disabled={trainer.active.value}
      />
      <ControlRow controls={live} values={values} />
      <Numbers runs={[{ name: model, trainer, colour: 'blue' }]} />
      <Chart
        label="Loss and validation over the training steps, in nats per sample"
        up="nats per sample"
        lines={[
          { label: 'loss', colour: 'blue', ...loss },
          { label: 'validation', colour: 'orange', ...validation },
        ]}
      />
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

interface SpectraProps {
  readonly picture: Sound | null;
  readonly player: Player;
}

/** What it says, and the recording, with buttons to hear and to keep them. */
function Spectra({ picture, player }: SpectraProps) {
  const plays = player.at.value !== null;
  const play = (samples?: Float32Array) => () =>
    plays ? player.stop() : player.samples(samples!, picture!.rate);
  const [said, recorded] = [picture?.said, picture?.recorded];
  return (
    <>
      <figure class="panel">
        <figcaption>
          It says <small>{picture ? `“${picture.word}”, behind step ${picture.step}` : 'nothing yet'}</small>
        </figcaption>
        <Spectrum shown={said} label={picture ? `What it says for “${picture.word}”` : 'Nothing yet.'} />
      </figure>
      <figure class="panel">
        <figcaption>
          A recording <small>{picture ? 'that it was not trained on' : ''}</small>
        </figcaption>
        <Spectrum shown={recorded} label={picture ? `A recording of “${picture.word}”` : 'Nothing yet.'} />
      </figure>
      <div class="run">
        <button disabled={!picture} onClick={play(said?.samples)}>
          {plays ? 'Be quiet' : 'Hear it'}
        </button>
        <button disabled={!picture} onClick={play(recorded?.samples)}>
          Hear the recording
        </button>
        <button
          disabled={!picture}
          onClick={() => save(picture!.wav, `${picture!.word}-${picture!.step}.wav`, 'audio/wav')}
        >
          Save as WAV
        </button>
      </div>
    </>
  );
}

interface SpectrumProps {
  readonly shown?: Sound['said'];
  readonly label: string;
}

const HEIGHT = 130;

/** Cells in time from left to right, the lowest frequency at the bottom. */
function Spectrum({ shown, label }: SpectrumProps) {
  const draw = useCallback((paper: Paper) => drawSpectrum(paper, shown), [shown]);
  return <Canvas {...{ draw, label, height: HEIGHT }} />;
}

function drawSpectrum(paper: Paper, shown: Sound['said'] | undefined): void {
  const { context, width } = paper;
  const frames = shown?.frames ?? [];
  if (!frames.length) {
    context.fillStyle = colour('heat0');
    context.fillRect(0, 0, width, HEIGHT);
    return;
  }
  const bins = frames[0].length;
  const value = (row: number, t: number) => frames[t][bins - 1 - row];
  drawCells(paper, value, [bins, frames.length], [0, 0, width, HEIGHT], heat());
}
