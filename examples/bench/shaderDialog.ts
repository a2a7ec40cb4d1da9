// The texts of a kernel that ran, in a dialog: one for each set of constants, to be read, and to be changed as a copy.

import { edit } from './editor/editor';
import { button, byId, element } from './elements';
import type { LaunchText } from './texts';

let shown: readonly LaunchText[] = [];
const choice = () => byId<HTMLSelectElement>('variant');

function showChosen(): void {
  const { kernel, code, launches } = shown[choice().selectedIndex];
  byId('file').textContent = `${kernel}.wgsl${launches > 1 ? `, launched ${launches} times` : ''}`;
  byId('wgsl').textContent = code;
  byId('wgsl').scrollTop = 0;
}

export function showTexts(texts: readonly LaunchText[]): void {
  shown = texts;
  choice().replaceChildren(
    ...texts.map(({ kernel, settings }) => element('option', {}, `${kernel}: ${settings}`)),
  );
  showChosen();
  byId<HTMLDialogElement>('shader').showModal();
}

export function startDialog(): void {
  choice().addEventListener('change', showChosen);
  button('close').addEventListener('click', () => byId<HTMLDialogElement>('shader').close());
  button('edit').addEventListener('click', () => {
    byId<HTMLDialogElement>('shader').close();
    edit(shown[choice().selectedIndex].setup());
    byId('own').scrollIntoView();
    byId('wgsl-text').focus();
  });
}
