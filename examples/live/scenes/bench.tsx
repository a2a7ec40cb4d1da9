// Scene: a bench of one's own. Any model on any task of the tables; the form is made of what these declare.

import { signal, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Chart, type Line } from '../shell/chart';
import { Commands, Frame, Numbers, RunBar } from '../shell/parts';
import { place, put } from '../shell/place';
import { planOf, tables, Trainer } from '../shell/trainer';
import type { Files, Given, Plan, TaskCard, Wish } from '../work/messages';
import { Drop } from './drop';
import './bench.css';
import { Form, valueOf } from './form';

const BEGIN = { task: 'adding', model: 'tcn' };
const SAMPLES: Readonly<Record<string, string>> = { text: 'romeo-act-1.txt' };

/** Files that were dropped stay while the page is open; no address can hold them. */
const dropped = signal<readonly File[]>([]);

/** What the address asks for: names that the tables lack are told, and the first is taken. */
function chosen(cards: readonly TaskCard[], fields: Plan['fields'] = []) {
  const { task: wanted = BEGIN.task, model: other, preset, ...rest } = place.value.values;
  const nonsense: string[] = [];
  const task = cards.find(({ name }) => name === wanted) ?? cards.find(({ name }) => name === BEGIN.task)!;
  if (task.name !== wanted) nonsense.push(`There is no task called “${wanted}”.`);
  const model = other ?? (task.models.includes(BEGIN.model) ? BEGIN.model : task.models[0]);
  const has = task.models.includes(model);
  if (!has) nonsense.push(`There is no model called “${model}” on ${task.title}.`);
  const given: Record<string, Given[string]> = preset ? { preset } : {};
  for (const [name, text] of Object.entries(rest)) {
    const field = fields.find((one) => one.name === name);
    const value = field && valueOf(field, text);
    if (value !== undefined) given[name] = value;
    else if (fields.length) nonsense.push(`“${name}=${text}” in the address is no setting here.`);
  }
  return { task, model: has ? model : task.models[0], given, nonsense };
}

/** The data of a task that reads files of one's own. */
function filesOf(task: TaskCard): Files | undefined {
  if (task.data !== 'own') return undefined;
  if (dropped.value.length) return { own: dropped.value };
  const sample = SAMPLES[task.name];
  return sample === undefined ? undefined : { sample };
}

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
  const plan = useSignal<Plan | null>(null);
  const { task, model, given, nonsense } = chosen(tasks, plan.value?.fields);
  const files = filesOf(task);
  const wish: Wish = { task: task.name, model, given, files };
  const asked = JSON.stringify([
    wish.task,
    model,
    given,
    dropped.value.map(({ name, size }) => [name, size]),
  ]);
  useEffect(() => () => trainer.stop(), []);
  useEffect(() => {
    let late = false;
    void planOf(wish).then((found) => {
      if (!late) plan.value = found;
    });
    return () => {
      late = true;
    };
  }, [asked]);
  const active = trainer.active.value;
  const { fields = [], presets = [], wrong, notes = [], command } = plan.value ?? {};
  // What was set belongs to the old pair.
  const change = (what: 'task' | 'model' | 'preset', value: string) => {
    const kept =
      what === 'task' ? { task: value } : { task: task.name, model: what === 'model' ? value : model };
    const cleared = Object.keys(place.value.values).map((name) => [name, undefined]);
    put({ ...Object.fromEntries(cleared), ...kept, ...(what === 'preset' && value && { preset: value }) });
  };
  const card = models.find(({ name }) => name === model)!;
  return (
    <>
      <div class="controls">
        <Choice label="task" value={task.name} disabled={active} set={(value) => change('task', value)}>
          {tasks.map(({ name, title }) => [name, title] as const)}
        </Choice>
        <Choice label="model" value={model} disabled={active} set={(value) => change('model', value)}>
          {models
            .filter(({ name }) => task.models.includes(name))
            .map(({ name, title }) => [name, title] as const)}
        </Choice>
        <Choice
          label="preset"
          value={String(given.preset ?? '')}
          disabled={active}
          set={(value) => change('preset', value)}
        >
          {[
            ['', 'the default'] as const,
            ...presets.filter((name) => name !== 'default').map((name) => [name, name] as const),
          ]}
        </Choice>
      </div>
      <p class="remark">
        <strong>{task.title}</strong>: {task.about}. <strong>{card.title}</strong>: {card.about}.
      </p>
      {task.data === 'own' && (
        <Drop
          files={dropped.value}
          sample={SAMPLES[task.name]}
          what={task.what!}
          set={(list) => (dropped.value = list)}
        />
      )}
      <Form fields={fields} given={given} disabled={active} set={(name, text) => put({ [name]: text })} />
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
        start={(paused) => trainer.start(wish, undefined, paused)}
        disabled={!command}
      />
      <Numbers runs={[{ name: card.title, trainer, colour: 'blue' }]} />
      <Chart log label="Loss and validation over the training steps" lines={linesOf(trainer)} />
      <Measures trainer={trainer} />
      <Commands lines={[trainer.begun.value?.command ?? command]} />
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
          <dd data-measure={name}>{value}</dd>
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
    <div class="control">
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
