// Scene: a recurrent net that is kept stable. Its λ, the spectrum of its W, and how far back gradients reach.

import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { Canvas, type Paper } from '../shell/canvas';
import { Chart, type Line } from '../shell/chart';
import { colour } from '../shell/colours';
import { ControlRow, settingsOf } from '../shell/controls';
import { Commands, Frame, Numbers, RunBar, number } from '../shell/parts';
import { Trainer, type How } from '../shell/trainer';
import type { Lags } from '../work/pictures';

const CONTROLS = {
  stable: { kind: 'slider', label: 'λ', from: 0.5, to: 1, step: 0.05, begin: 0.8 },
  free: { kind: 'switch', label: 'free: W may be what it likes', begin: false },
  hidden: { kind: 'slider', label: 'hidden units', from: 8, to: 96, step: 8, begin: 32 },
  steps: { kind: 'slider', label: 'training steps', from: 20, to: 2000, step: 20, begin: 300 },
  seed: { kind: 'slider', label: 'seed', from: 1, to: 9, step: 1, begin: 1 },
} as const;

/** Short enough that a free net learns something, long enough that a stable one cannot. */
const GIVEN = { length: 30, evaluateEvery: 100, levels: 1, learningRate: 5e-3, gain: 2 } as const;

/** Gradient by lag, and the singular values of W. */
export function StableScene() {
  const trainer = useMemo(() => new Trainer(), []);
  const { values, nonsense } = settingsOf(CONTROLS);
  const { stable, free, hidden, steps, seed } = values;
  useEffect(() => () => trainer.stop(), []);
  const start = (how: How) => {
    const given = { ...GIVEN, hidden, steps, seed, ...(!free && { stable }) };
    trainer.start({ task: 'copy', model: 'rnn', given }, { name: 'lags', controls: {} }, how);
  };
  // Another λ is another net: what is under way begins anew with it.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current && trainer.active.peek()) start(trainer.state.peek() === 'paused' ? 'paused' : 'go');
    begun.current = true;
  }, [stable, free, hidden, steps, seed]);
  const picture = trainer.picture.value as Lags | null;
  return (
    <Frame
      title="A stable net forgets"
      claim="Where no singular value of W is above λ, whatever the net learns, the gradient i steps back is at most λⁱ of the gradient here: stability is a short memory."
      nonsense={nonsense}
    >
      <figure class="panel">
        <figcaption>
          Singular values of W{' '}
          <small>
            {picture ? `the largest is ${number(picture.singular[0])}, behind step ${picture.step}` : ''}
          </small>
        </figcaption>
        <Spectrum picture={picture} />
      </figure>
      <RunBar trainers={[trainer]} start={start} />
      <ControlRow controls={CONTROLS} values={values} />
      <Chart
        log
        label="The gradient of the loss by lag, beside the bound of stability"
        across="steps back"
        up="gradient"
        height={240}
        lines={linesOf(picture)}
      />
      <Numbers runs={[{ name: free ? 'RNN, free' : `RNN, λ = ${stable}`, trainer }]} />
      <Commands lines={[trainer.begun.value?.command]} />
    </Frame>
  );
}

function linesOf(picture: Lags | null): Line[] {
  const { gradient = [], lambda } = picture ?? {};
  const steps = gradient.map((_, i) => i);
  const bound = lambda === undefined ? [] : gradient.map((_, i) => gradient[0] * lambda ** i);
  return [
    {
      label: 'gradient for the state i steps back',
      colour: 'blue',
      steps,
      values: gradient.map((g) => g || NaN),
    },
    {
      label: 'λⁱ of the first',
      colour: 'orange',
      dashed: true,
      steps: bound.map((_, i) => i),
      values: bound,
    },
  ];
}

function Spectrum({ picture }: { readonly picture: Lags | null }) {
  const draw = useCallback((paper: Paper) => picture && drawSpectrum(paper, picture), [picture]);
  const label = picture
    ? `${picture.singular.length} singular values, from ${number(picture.singular[0])} to ${number(picture.singular.at(-1))}`
    : 'Nothing yet.';
  return <Canvas {...{ label, draw, height: 130 }} />;
}

function drawSpectrum({ context, width, height }: Paper, { singular, lambda }: Lags): void {
  const most = Math.max(1.1, singular[0] * 1.08);
  const y = (value: number) => height - (value / most) * height;
  const step = width / singular.length;
  context.fillStyle = colour('blue');
  singular.forEach((value, i) =>
    context.fillRect(i * step + 1, y(value), Math.max(1, step - 2), height - y(value)),
  );
  const line = (value: number, hue: string, text: string) => {
    context.strokeStyle = context.fillStyle = colour(hue);
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(0, y(value));
    context.lineTo(width, y(value));
    context.stroke();
    context.setLineDash([]);
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'right';
    context.fillText(text, width - 4, y(value) - 4);
  };
  line(1, 'pale', '1');
  if (lambda !== undefined && lambda < 1) line(lambda, 'orange', `λ = ${lambda}`);
}
