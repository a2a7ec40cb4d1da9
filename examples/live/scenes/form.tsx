// A form of options as the tables declare them: a field for every kind of value, empty where nothing is given.

import type { Field, Given } from '../work/messages';

/** The most common of them stand open. */
const OPEN = 6;

interface Props {
  readonly fields: readonly Field[];
  readonly given: Given;
  readonly disabled: boolean;
  /** undefined: as it begins. */
  set(name: string, text: string | undefined): void;
}

const GROUPS = [
  ['task', 'of the task'],
  ['model', 'of the model'],
  ['training', 'of training'],
] as const;

/** The fields: the first few at once, the others behind a word. */
export function Form({ fields, ...rest }: Props) {
  const more = fields.slice(OPEN);
  return (
    <form class="form" onSubmit={(event) => event.preventDefault()}>
      <div class="fields">
        {fields.slice(0, OPEN).map((field) => (
          <One key={field.name} {...{ field, ...rest }} />
        ))}
      </div>
      {more.length > 0 && (
        <details>
          <summary>{more.length} more settings</summary>
          {GROUPS.map(([of, title]) => {
            const own = more.filter((field) => field.of === of);
            return own.length ? (
              <fieldset key={of}>
                <legend>{title}</legend>
                <div class="fields">
                  {own.map((field) => (
                    <One key={field.name} {...{ field, ...rest }} />
                  ))}
                </div>
              </fieldset>
            ) : null;
          })}
        </details>
      )}
    </form>
  );
}

interface OneProps extends Omit<Props, 'fields'> {
  readonly field: Field;
}

function One({ field, given, disabled, set }: OneProps) {
  const { name, label, kind, help, fallback } = field;
  const id = `option-${name}`;
  const value = given[name] === undefined ? '' : String(given[name]);
  const say = (text: string) => set(name, text === '' ? undefined : text);
  const common = { id, disabled, 'aria-describedby': `${id}-help` };
  const words =
    typeof kind !== 'string' ? kind : kind === 'boolean' || kind === 'switch' ? ['true', 'false'] : null;
  return (
    <div class={value ? 'field given' : 'field'}>
      <label for={id}>{label}</label>
      {words ? (
        <select {...common} value={value} onChange={({ currentTarget }) => say(currentTarget.value)}>
          <option value="">{fallback || 'as it is'}</option>
          {words.map((word) => (
            <option key={word} value={word}>
              {word}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type="text"
          inputMode={NUMERIC.includes(String(kind)) ? 'decimal' : undefined}
          autocomplete="off"
          value={value}
          placeholder={fallback}
          onChange={({ currentTarget }) => say(currentTarget.value)}
        />
      )}
      <small id={`${id}-help`}>{help}</small>
    </div>
  );
}

const NUMERIC = ['budget', 'count', 'seed', 'positive', 'weight', 'rate', 'temperature', 'lambda'];
