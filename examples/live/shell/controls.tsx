// Two or three controls of a scene, declared as data: sliders, choices, switches and words, each a setting in the
// address.

import { useId } from 'preact/hooks';
import { hides, place, put } from './place';

/** A control, and what it begins with. */
export type Control =
  | {
      readonly kind: 'slider';
      readonly label: string;
      readonly from: number;
      readonly to: number;
      readonly step: number;
      readonly begin: number;
    }
  | {
      readonly kind: 'choice';
      readonly label: string;
      readonly of: readonly string[];
      readonly begin: string;
    }
  | { readonly kind: 'switch'; readonly label: string; readonly begin: boolean }
  | { readonly kind: 'words'; readonly label: string; readonly begin: string; readonly most: number };

/** Controls by the names of their settings. */
export type Controls = Readonly<Record<string, Control>>;

type ValueOf<C> = C extends { kind: 'slider' } ? number : C extends { kind: 'switch' } ? boolean : string;
/** What controls are set to. */
export type ValuesOf<C extends Controls> = { readonly [N in keyof C]: ValueOf<C[N]> };

/** What the address says of a control; undefined where it says what cannot be. */
function valueIn(control: Control, text: string): number | string | boolean | undefined {
  if (control.kind === 'slider') {
    const { from, to, step } = control;
    const value = Number(text);
    const steps = (value - from) / step;
    const on = Math.abs(steps - Math.round(steps)) < 1e-6;
    return text.trim() && value >= from && value <= to && on ? value : undefined;
  }
  if (control.kind === 'switch') return text === 'on' ? true : text === 'off' ? false : undefined;
  if (control.kind === 'choice') return control.of.includes(text) ? text : undefined;
  return text.length <= control.most ? text : undefined;
}

/** What a control can be, in words. */
function rangeOf(control: Control): string {
  if (control.kind === 'slider') return `from ${control.from} to ${control.to} in steps of ${control.step}`;
  if (control.kind === 'switch') return 'on or off';
  if (control.kind === 'choice') return control.of.join(', ');
  return `up to ${control.most} characters`;
}

/** The settings of a scene, from the address; and what of it was nonsense, in words. */
export function settingsOf<const C extends Controls>(
  controls: C,
): { values: ValuesOf<C>; nonsense: string[] } {
  const given = place.value.values;
  const nonsense: string[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(controls, name))
    .map((name) => `“${name}” in the address is no setting of this scene.`);
  const values = Object.entries<Control>(controls).map(([name, control]) => {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = text === undefined ? control.begin : valueIn(control, text);
    if (value === undefined) {
      const begin = written(control.begin);
      nonsense.push(`“${name}=${text}” in the address: it can be ${rangeOf(control)}; it is ${begin} here.`);
    }
    return [name, value ?? control.begin];
  });
  return { values: Object.fromEntries(values) as ValuesOf<C>, nonsense };
}

const written = (value: number | string | boolean): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);

/** Sets controls; what is as it begins is left out of the address. */
export function putControls(
  controls: Controls,
  set: Readonly<Record<string, number | string | boolean>>,
): void {
  const texts = Object.entries(set).map(([name, value]) => [
    name,
    value === controls[name].begin ? undefined : written(value),
  ]);
  put(Object.fromEntries(texts));
}

interface Props {
  readonly controls: Controls;
  readonly values: Readonly<Record<string, number | string | boolean>>;
  readonly disabled?: boolean;
}

/** The controls of a scene, in a row; none where the address hides them. */
export function ControlRow({ controls, values, disabled }: Props) {
  if (hides()) return null;
  const set = (name: string, value: number | string | boolean) => putControls(controls, { [name]: value });
  return (
    <div class="controls">
      {Object.entries(controls).map(([name, control]) => (
        <One key={name} {...{ control, disabled, value: values[name], set: (value) => set(name, value) }} />
      ))}
    </div>
  );
}

interface OneProps {
  readonly control: Control;
  readonly value: number | string | boolean;
  readonly disabled?: boolean;
  set(value: number | string | boolean): void;
}

function One({ control, value, disabled, set }: OneProps) {
  const id = useId();
  const label = (
    <label for={id}>
      {control.label}
      {control.kind === 'slider' && <output for={id}>{value}</output>}
    </label>
  );
  if (control.kind === 'slider') {
    const { from, to, step } = control;
    return (
      <div class="control">
        {label}
        <input
          {...{ id, type: 'range', min: from, max: to, step, value: Number(value), disabled }}
          onInput={({ currentTarget }) => set(currentTarget.valueAsNumber)}
        />
      </div>
    );
  }
  if (control.kind === 'switch') {
    const change = ({ currentTarget }: { currentTarget: HTMLInputElement }) => set(currentTarget.checked);
    return (
      <div class="control switch">
        <input {...{ id, type: 'checkbox', checked: Boolean(value), disabled }} onChange={change} />
        {label}
      </div>
    );
  }
  if (control.kind === 'choice') {
    return (
      <div class="control">
        {label}
        <select
          {...{ id, value: String(value), disabled }}
          onChange={({ currentTarget }) => set(currentTarget.value)}
        >
          {control.of.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <div class="control wide">
      {label}
      <input
        {...{ id, type: 'text', value: String(value), maxLength: control.most, disabled, spellcheck: false }}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
    </div>
  );
}
