// Scene: a bench of one's own. Any model on any task of the tables; the form is made of what these declare.

import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Chart, type Line } from '../shell/chart';
import { Commands, Frame, Numbers, RunBar, number } from '../shell/parts';
import { hides, put } from '../shell/place';
import { planOf, tables, Trainer } from '../shell/trainer';
import type { KeptRun, Plan, Wish } from '../work/messages';
import { Drop } from './drop';
import './bench.css';
import { Form } from './form';
import { Kept, newPlace } from './kept';
import { MOST_PINS, pin, pinOf, pins } from './pins';
import { Weights } from './weights';
import { chosen, dropped, filesOf, sampleOf, setAll, setWish, weights } from './wished';

const SCENE = 'bench';

/** The scene, when the tables are there. */
export function BenchScene() {
  const known = tables.value;
  return (
    <Frame
      title="A bench of one’s own"
      claim="Any model on any task: what you set here is what the command line takes, and the numbers are the same."
    >
      {known ? <Bench tasks={known.tasks} models={known.models} /> : <p>Reading the tables …</p>}
    </Frame>
  );
}

function Bench({ tasks, models }: NonNullable<typeof tables.value>) {
  const trainer = useMemo(() => new Trainer(), []);
  const found = useSignal<{ readonly plan: Plan; readonly asked: string } | null>(null);
  const plan = found.value?.plan ?? null;
  const { task, model, given, nonsense } = chosen(tasks, plan?.fields);
  const wish: Wish = { task: task.name, model, given, files: filesOf(task), weights: weights.value };
  const own = dropped.value.map(({ path, file }) => [path, file.size]);
  const asked = JSON.stringify([task.name, model, given, own, weights.value?.name, weights.value?.size]);
  useEffect(() => () => trainer.stop(), []);
  useEffect(() => {
    let late = false;
    void planOf(wish).then((plan) => {
      if (!late) found.value = { plan, asked };
    });
    return () => {
      late = true;
    };
  }, [asked]);
  const { wrong, notes = [], command } = plan ?? {};
  // The form is still that of the last plan while the next one is made.
  const isPlanned = command !== undefined && found.value?.asked === asked;
  const titleOf = (wanted: string) => models.find(({ name }) => name === wanted)?.title ?? wanted;
  const goOn = (run: KeptRun) => {
    setWish(run.wish);
    trainer.start(run.wish, undefined, 'go', { scene: SCENE, id: run.id, resume: true });
  };
  const take = (origin: NonNullable<Plan['origin']>, file: File) => {
    weights.value = file;
    setAll(origin.task, origin.model, origin.given);
  };
  return (
    <>
      <Kept scene={SCENE} {...{ trainer, titleOf }} resume={goOn} />
      {!hides() && <Settings {...{ tasks, models, wish, trainer, plan }} />}
      {[...nonsense, ...(wrong ? [wrong] : [])].map((text) => (
        <p key={text} class="note wrong" role="alert">
          {text}
        </p>
      ))}
      {notes.map((text) => (
        <p key={text} class="remark">
          {text}
        </p>
      ))}
      <RunBar
        trainers={[trainer]}
        start={(how) => trainer.start(wish, undefined, how, newPlace(SCENE))}
        disabled={!isPlanned}
      />
      <Numbers runs={[{ name: titleOf(model), trainer, colour: 'blue' }]} />
      <Chart
        log
        label="Loss and validation over the training steps"
        up="loss, validation"
        lines={linesOf(trainer)}
      />
      <Measures trainer={trainer} />
      {!hides() && <Weights {...{ trainer, wish, take }} set={(file) => (weights.value = file)} />}
      <Pinned trainer={trainer} name={titleOf(trainer.begun.value?.settings.model ?? model)} />
      <Commands lines={[trainer.begun.value?.command ?? command]} />
    </>
  );
}

interface SettingsProps extends NonNullable<typeof tables.value> {
  readonly wish: Wish;
  readonly plan: Plan | null;
  readonly trainer: Trainer;
}

/** Task, model, preset, files, and the form of all options. */
function Settings({ tasks, models, wish, plan, trainer }: SettingsProps) {
  const { model, given } = wish;
  const { fields = [], presets = [] } = plan ?? {};
  const active = trainer.active.value;
  const task = tasks.find(({ name }) => name === wish.task)!;
  const card = models.find(({ name }) => name === model)!;
  // What was set belongs to the old pair.
  const others = presets.filter((name) => name !== 'default').map((name) => [name, name] as const);
  return (
    <>
      <div class="controls">
        <Choice label="task" value={task.name} disabled={active} set={(value) => setAll(value, undefined)}>
          {tasks.map(({ name, title }) => [name, title] as const)}
        </Choice>
        <Choice label="model" value={model} disabled={active} set={(value) => setAll(task.name, value)}>
          {models
            .filter(({ name }) => task.models.includes(name))
            .map(({ name, title }) => [name, title] as const)}
        </Choice>
        <Choice
          label="preset"
          value={String(given.preset ?? '')}
          disabled={active}
          set={(value) => setAll(task.name, model, value ? { preset: value } : {})}
        >
          {[['', 'the default'] as const, ...others]}
        </Choice>
      </div>
      <p class="remark">
        <strong>{task.title}</strong>: {task.about}. <strong>{card.title}</strong>: {card.about}.
      </p>
      {task.data === 'own' && (
        <Drop
          files={dropped.value}
          sample={sampleOf(task)}
          what={task.what!}
          set={(list) => (dropped.value = list)}
        />
      )}
      <Form fields={fields} given={given} disabled={active} set={(name, text) => put({ [name]: text })} />
    </>
  );
}

/** Pins the run as it is; and those that are pinned, beside it. */
function Pinned({ trainer, name }: { readonly trainer: Trainer; readonly name: string }) {
  const shown = useSignal<{ readonly Compare: typeof import('./compare').Compare } | null>(null);
  const some = pins.value.length > 0;
  useEffect(() => {
    if (some) void import('./compare').then(({ Compare }) => (shown.value = { Compare }));
  }, [some]);
  const now = pinOf(trainer, name);
  const full = pins.value.length >= MOST_PINS;
  return (
    <>
      <div class="run">
        <button disabled={!now || full} onClick={() => now && pin(now)}>
          Pin this run
        </button>
        <span class="status">{full ? `${MOST_PINS} are pinned; take one out first.` : ''}</span>
      </div>
      {some && shown.value && <shown.value.Compare now={now} />}
    </>
  );
}

function linesOf(trainer: Trainer): Line[] {
  const { loss, validation } = trainer.curve.value;
  return [
    { label: 'loss', colour: 'blue', ...loss },
    { label: `validation, ${trainer.begun.value?.metric ?? 'its metric'}`, colour: 'orange', ...validation },
  ];
}

/** All measures of the test split, when the run has ended. */
function Measures({ trainer }: { readonly trainer: Trainer }) {
  const found = trainer.ended.value;
  if (!found) return null;
  return (
    <dl class="measures">
      {Object.entries(found.measures).map(([name, value]) => (
        <div key={name}>
          <dt>{name}, test</dt>
          <dd title={String(value)}>{number(value, 6)}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly disabled: boolean;
  readonly children: readonly (readonly [string, string])[];
  set(value: string): void;
}

function Choice({ label, value, disabled, children, set }: ChoiceProps) {
  return (
    <div class="control choice">
      <label for={`choose-${label}`}>{label}</label>
      <select
        {...{ id: `choose-${label}`, value, disabled }}
        onChange={({ currentTarget }) => set(currentTarget.value)}
      >
        {children.map(([name, title]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}
