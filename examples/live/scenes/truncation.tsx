// Scene: how large must k be? A recurrent model of text, while it is trained, beside the feed-forward model of its last
// k characters.

import { useCallback, useEffect, useMemo } from 'preact/hooks';
import { Canvas, type Paper } from '../shell/canvas';
import { Chart, type Line } from '../shell/chart';
import { between, colour, heat, rgb } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar, number } from '../shell/parts';
import { Trainer, type How } from '../shell/trainer';
import type { Truncation } from '../work/pictures';

const KS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

const CONTROLS = {
  k: { kind: 'slider', label: 'k, characters that it may see', from: 1, to: 32, step: 1, begin: 4 },
  model: { kind: 'choice', label: 'model', of: ['lstm', 'gru', 'rnn'], begin: 'lstm' },
  hidden: { kind: 'slider', label: 'hidden units', from: 16, to: 256, step: 16, begin: 64 },
  steps: { kind: 'slider', label: 'training steps', from: 20, to: 2000, step: 20, begin: 400 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
} as const;

const SAMPLE = 'romeo-act-1.txt';

/** The settings of the run but its size and length; `k` is none of them. */
const GIVEN = { evaluateEvery: 200, bptt: 32, batch: 16 } as const;

/** A passage in the colours of surprise, and bits per character by k. */
export function TruncationScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const { values, nonsense } = settingsOf(CONTROLS);
  const { k, model, hidden, steps, seed } = values;
  useEffect(() => () => trainer.stop(), []);
  const start = (how: How) =>
    trainer.start(
      { task: 'text', model, given: { ...GIVEN, hidden, steps, seed }, files: { sample: SAMPLE } },
      { name: 'truncation', controls: {} },
      how,
    );
  const picture = trainer.picture.value as Truncation | null;
  // The largest measured k that is not above the wished one.
  const at = KS.filter((one) => one <= k).length - 1;
  const { k: live, ...settings } = CONTROLS;
  return (
    <Frame
      title="How large must k be?"
      claim="A trained recurrent model loses little when it sees only its last k inputs: from some small k on, the feed-forward model of k inputs is as good."
      nonsense={nonsense}
    >
      <figure class="panel">
        <figcaption>
          {picture ? (
            <>
              With {KS[at]} characters in sight: {number(picture.bits[at], 3)} bits per character; with all of
              them {number(picture.whole, 3)} <small>behind step {picture.step}</small>
            </>
          ) : (
            'A passage that it was not trained on'
          )}
        </figcaption>
        <Passage picture={picture} at={at} />
      </figure>
      <p class="legend">
        The more a character surprises the model that sees k before it, the stronger its colour; a bar below
        is what the missing past costs there. <span class="key ramp">no surprise to 8 bits</span>
      </p>
      <ControlRow controls={{ k: live }} values={values} />
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow controls={settings} values={values} disabled={trainer.active.value} />
      <Chart
        label={`Bits per character by k; the whole model has ${number(picture?.whole)}`}
        across="k"
        up="bits per character"
        lines={linesOf(picture)}
      />
      <Numbers runs={[{ name: model, trainer }]} />
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

function linesOf(picture: Truncation | null): Line[] {
  const { ks = [], bits = [], whole = NaN } = picture ?? {};
  return [
    { label: 'the last k characters', colour: 'blue', steps: ks, values: bits },
    {
      ...{ label: 'all of them', colour: 'orange', dashed: true },
      ...(picture ? { steps: [1, 32], values: [whole, whole] } : { steps: [], values: [] }),
    },
  ];
}

interface PassageProps {
  readonly picture: Truncation | null;
  readonly at: number;
}

function Passage({ picture, at }: PassageProps) {
  const draw = useCallback((paper: Paper) => picture && drawPassage(paper, picture, at), [picture, at]);
  const label = picture
    ? `“${picture.passage.join('')}”: ${number(picture.bits[at])} bits per character with ${KS[at]} in sight.`
    : 'Nothing yet.';
  return <Canvas {...{ label, draw, height: (width) => (width < 500 ? 4 : 2) * ROW + 6 }} />;
}

/** A line of characters with its bars, and the most bits that colours and bars show. */
const [ROW, BAR, MOST_BITS] = [64, 22, 8];

function drawPassage({ context, width }: Paper, { passage, each, wholeEach }: Truncation, at: number): void {
  const rows = width < 500 ? 4 : 2;
  const across = Math.ceil(passage.length / rows);
  const step = width / across;
  const table = heat();
  const [light, dark] = [rgb('card'), rgb('ink')];
  context.font = `600 ${Math.min(20, step * 1.25)}px ui-monospace, Menlo, Consolas, monospace`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const bar = colour('orange');
  passage.forEach((character, t) => {
    const [x, y] = [(t % across) * step, Math.floor(t / across) * ROW];
    // How surprising a character is, is known behind the one before.
    const bits = t === 0 ? 0 : each[at * passage.length + t - 1];
    const whole = t === 0 ? 0 : wholeEach[t - 1];
    const place = Math.round((Math.min(bits, MOST_BITS) / MOST_BITS) * 255) * 3;
    const ground = [table[place], table[place + 1], table[place + 2]] as const;
    context.fillStyle = `rgb(${ground.join()})`;
    context.fillRect(x + 0.5, y, step - 1, ROW - BAR - 6);
    const bright = (0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2]) / 255;
    const lightInk = 0.3 * light[0] + 0.59 * light[1] > 0.3 * dark[0] + 0.59 * dark[1] ? light : dark;
    const darkInk = lightInk === light ? dark : light;
    context.fillStyle = `rgb(${between(bright > 0.45 ? darkInk : lightInk, ground, 0.05).join()})`;
    context.fillText(character === '\n' ? '↵' : character, x + step / 2, y + (ROW - BAR - 6) / 2);
    const cost = Math.max(0, bits - whole);
    const tall = (Math.min(cost, MOST_BITS) / MOST_BITS) * BAR;
    context.fillStyle = bar;
    context.fillRect(x + 1, y + ROW - BAR - 4, step - 2, Math.max(cost > 0.02 ? 1 : 0, tall));
  });
}
