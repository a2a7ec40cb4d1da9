// The form of a kernel: a line for every buffer that its text binds, every param and every constant, and the fields that
// all kernels have. What is typed goes into the setup; the lines are made anew when the text binds something else.

import { byId, element, input } from '../elements';
import type { Found, FoundBuffer } from './found';
import { FILLS, LIMITS, newBuffer, type BufferSetup, type KernelSetup } from './setup';

let drawn = '';

/** Shows a setup in the form of what was found in its text. */
export function showForm(setup: KernelSetup, found: Found): void {
  found.buffers.forEach(({ name, isResult }, i) => (setup.buffers[name] ??= newBuffer(i, isResult)));
  const now = JSON.stringify([found, setup.buffers, setup.params, setup.constants]);
  if (now === drawn) return;
  drawn = now;
  byId('own-params').replaceChildren(
    ...found.params.map(({ name, type }) => field(`${name} `, setup.params, name, { hint: type })),
  );
  byId('own-constants').replaceChildren(
    ...found.constants.map(({ name, value, override }) =>
      field(`${name} `, setup.constants, name, {
        hint: override ? 'override' : 'const',
        placeholder: value ?? '',
      }),
    ),
  );
  byId('own-constants-all').hidden = !found.constants.length;
  byId('own-buffers').replaceChildren(
    ...found.buffers.map((one) => bufferLine(one, setup.buffers[one.name])),
  );
}

interface FieldLook {
  readonly hint?: string;
  readonly placeholder?: string;
  readonly label?: string;
}

/** A field that writes into a record of texts. */
function field(
  words: string,
  record: Record<string, string>,
  name: string,
  { hint = '', placeholder = '', label = '' }: FieldLook = {},
): HTMLElement {
  const box = element('input', { spellcheck: 'false', placeholder, ...(label && { 'aria-label': label }) });
  (box as HTMLInputElement).value = record[name] ?? '';
  box.addEventListener('input', () => (record[name] = (box as HTMLInputElement).value));
  return label ? box : element('label', {}, words, element('small', {}, hint), box);
}

function bufferLine({ name, type, access }: FoundBuffer, buffer: BufferSetup): HTMLElement {
  const texts = buffer as BufferSetup & Record<string, string>;
  const cell = (key: string, what: string, placeholder = '') =>
    element('td', {}, field('', texts, key, { label: `${what} of ${name}`, placeholder }));
  const choice = element(
    'select',
    { 'aria-label': `fill of ${name}` },
    ...FILLS.map((fill) =>
      element('option', { value: fill, ...(fill === buffer.fill && { selected: '' }) }, fill),
    ),
  ) as HTMLSelectElement;
  const drawnOnly = [
    cell('seed', 'seed'),
    cell('low', 'low end', type.includes('f') ? '-1' : '0'),
    cell('high', 'high end', type.includes('f') ? '1' : '16'),
  ];
  const dim = () =>
    drawnOnly.forEach((one) => (one.querySelector('input')!.disabled = buffer.fill !== 'uniform'));
  choice.addEventListener('change', () => {
    buffer.fill = choice.value as BufferSetup['fill'];
    dim();
  });
  dim();
  const head = element('th', { scope: 'row' }, element('code', {}, name));
  const kind = element('td', {}, element('code', {}, type), ` ${access}`);
  return element('tr', {}, head, kind, cell('size', 'size'), element('td', {}, choice), ...drawnOnly);
}

/** By the id of a field, its place in a setup. */
const PLAIN = ['name', 'reference', 'flops', 'bytes', 'tolerance'] as const;

/** Shows the fields that all kernels have. */
export function showPlain(setup: KernelSetup): void {
  for (const name of PLAIN) input(`own-${name}`).value = setup[name];
  setup.workgroups.forEach((text, i) => (input(`own-${'xyz'[i]}`).value = text));
  byId<HTMLSelectElement>('own-limit').value = setup.limit;
  byId('own-origin').hidden = !setup.origin;
  drawn = '';
}

/** Fields write into the setup that `current` gives. */
export function startForm(current: () => KernelSetup): void {
  byId('own-limit').append(
    ...Object.entries(LIMITS).map(([value, words]) => element('option', { value }, words)),
  );
  for (const name of PLAIN)
    input(`own-${name}`).addEventListener('input', () => (current()[name] = input(`own-${name}`).value));
  [...'xyz'].forEach((axis, i) =>
    input(`own-${axis}`).addEventListener(
      'input',
      () => (current().workgroups[i] = input(`own-${axis}`).value),
    ),
  );
  const limit = byId<HTMLSelectElement>('own-limit');
  limit.addEventListener('change', () => (current().limit = limit.value as KernelSetup['limit']));
}
