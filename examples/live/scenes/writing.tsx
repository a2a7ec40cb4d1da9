// Scene: a model learns to write, character by character: what it writes by now, and what it expects next.

import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Chart } from '../shell/chart';
import { ControlRow, putControls, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { hides } from '../shell/place';
import { Trainer, type How } from '../shell/trainer';
import type { KeptRun, OwnFile } from '../work/messages';
import type { Writing } from '../work/pictures';
import { Drop } from './drop';
import { Kept, newPlace } from './kept';
import './writing.css';

const SCENE = 'writing';
const SAMPLE = 'romeo-act-1.txt';

const CONTROLS = {
  model: {
    kind: 'choice',
    label: 'model',
    of: ['lstm', 'gru', 'rnn', 'tcn', 'gcnn', 'transformer'],
    begin: 'lstm',
  },
  steps: { kind: 'slider', label: 'training steps', from: 20, to: 2000, step: 20, begin: 600 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
  temperature: { kind: 'slider', label: 'temperature', from: 0.1, to: 1.5, step: 0.1, begin: 0.8 },
  prompt: { kind: 'words', label: 'words that it goes on from', begin: 'and the ', most: 48 },
} as const;

const GIVEN = { evaluateEvery: 200, bptt: 48, batch: 16 } as const;

/** Files that were dropped stay while the page is open. */
const dropped = signal<readonly OwnFile[]>([]);

/** Samples, the newest on top, beside the likeliest next characters. */
export function WritingScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const earlier = useRef<Writing[]>([]);
  const { values, nonsense } = settingsOf(CONTROLS);
  const { model, steps, seed, temperature, prompt } = values;
  useEffect(() => () => trainer.stop(), []);
  const controls = { temperature, prompt };
  useEffect(() => trainer.look(controls), [temperature, prompt]);
  const start = (how: How) => {
    if (how !== 'ahead') earlier.current = [];
    const files = dropped.value.length ? { own: dropped.value } : { sample: SAMPLE };
    const wish = { task: 'text', model, given: { ...GIVEN, steps, seed }, files };
    trainer.start(wish, { name: 'writing', controls }, how, newPlace(SCENE));
  };
  const goOn = ({ id, wish }: KeptRun) => {
    earlier.current = [];
    dropped.value = wish.files && 'own' in wish.files ? wish.files.own : [];
    const set = { model: wish.model, steps: Number(wish.given.steps), seed: Number(wish.given.seed) };
    putControls(CONTROLS, set);
    trainer.start(wish, { name: 'writing', controls }, 'go', { scene: SCENE, id, resume: true });
  };
  const picture = trainer.picture.value as Writing | null;
  if (picture && earlier.current[0]?.step !== picture.step)
    earlier.current = [picture, ...earlier.current].slice(0, 40);
  const { loss, validation } = trainer.curve.value;
  const { model: which, steps: long, seed: drawn, ...live } = CONTROLS;
  return (
    <Frame
      title="Learning to write"
      claim="From the next character alone a model learns spaces, then words, then who speaks: what it writes is drawn from what it expects."
      nonsense={nonsense}
    >
      <Kept scene={SCENE} trainer={trainer} resume={goOn} />
      {!hides() && (
        <Drop
          files={dropped.value}
          sample={SAMPLE}
          what="text files"
          set={(list) => (dropped.value = list)}
        />
      )}
      <div class="pair">
        <figure class="panel">
          <figcaption>
            It writes <small>{picture && `behind step ${picture.step}`}</small>
          </figcaption>
          <pre class="written" tabIndex={0}>
            {picture ? (
              <>
                <b>{picture.prompt}</b>
                {picture.text}
              </>
            ) : (
              'Nothing yet.'
            )}
          </pre>
        </figure>
        <figure class="panel">
          <figcaption>It expects next</figcaption>
          <ol class="bars">
            {(picture?.next ?? []).map(([character, part]) => (
              <li key={character}>
                <code>{shown(character)}</code>
                <meter
                  min={0}
                  max={1}
                  value={part}
                  aria-label={`${shown(character)}: ${(part * 100).toFixed(1)} %`}
                />
                <span>{(part * 100).toFixed(1)} %</span>
              </li>
            ))}
          </ol>
        </figure>
      </div>
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow
        controls={{ model: which, steps: long, seed: drawn }}
        values={values}
        disabled={trainer.active.value}
      />
      <ControlRow controls={live} values={values} />
      <Numbers runs={[{ name: model, trainer, colour: 'blue' }]} />
      <Chart
        label="Loss and validation over the training steps"
        up="nats, bits"
        lines={[
          { label: 'loss, nats', colour: 'blue', ...loss },
          { label: 'validation, bits per character', colour: 'orange', ...validation },
        ]}
      />
      <Earlier samples={earlier.current.slice(1)} />
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

const NAMES: Readonly<Record<string, string>> = { '\n': '↵', ' ': '␣', '\t': '⇥' };
const shown = (character: string): string => NAMES[character] ?? character;

/** What it wrote before, shortened. */
function Earlier({ samples }: { readonly samples: readonly Writing[] }) {
  if (!samples.length) return null;
  return (
    <details>
      <summary>What it wrote before</summary>
      <table class="earlier">
        <tbody>
          {samples.map(({ step, text }) => (
            <tr key={step}>
              <th scope="row">{step}</th>
              <td>{text.replaceAll('\n', ' ').slice(0, 90)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
