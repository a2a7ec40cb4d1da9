// Elements of the page: found, made, and put together; and what its fields say of all runs.

import { ROUNDS } from '../../src/bench/index';

export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;
export const input = (id: string): HTMLInputElement => byId<HTMLInputElement>(id);
export const button = (id: string): HTMLButtonElement => byId<HTMLButtonElement>(id);

export type Content = string | Node;

export function element(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...content: Content[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

export function pressed(
  label: Content,
  action: () => void,
  attributes: Record<string, string> = {},
): HTMLElement {
  const made = element('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', action);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

export function drawn(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** A table of words; columns of `numbers` stand to the right. */
export function wordsTable(
  head: readonly string[],
  rows: readonly (readonly Content[])[],
  numbers: (column: number) => boolean,
): HTMLElement {
  const kind = (column: number) => ({ class: numbers(column) ? 'number' : 'text' });
  const cells = (row: readonly Content[]) => row.map((cell, column) => element('td', kind(column), cell));
  const titles = head.map((name, column) => element('th', { scope: 'col', ...kind(column) }, name));
  return element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...titles)),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...cells(row)))),
  );
}

/** `Chrome 156, Linux`. */
export function runtimeName(): string {
  const { userAgent } = navigator;
  const [, browser = 'a browser', version = ''] =
    /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(userAgent.replace(/Chrome\/\S+ (?=.*Edg)/, '')) ?? [];
  const system = /Windows|Mac OS X|Android|Linux|iPhone|iPad/.exec(userAgent)?.[0] ?? 'an unknown system';
  return `${{ Edg: 'Edge', Version: 'Safari' }[browser] ?? browser} ${version}, ${system}`;
}

/** How long is measured, as the page's fields say: one round of the shortest samples, or so many rounds. */
export function howLong(): { readonly quick: boolean; readonly rounds?: number } {
  const quick = input('quick').checked;
  return quick
    ? { quick }
    : { quick, rounds: Math.max(1, Math.floor(input('rounds').valueAsNumber) || ROUNDS) };
}
