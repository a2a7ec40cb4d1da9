// Files of one's own, or folders of them: dropped on the page or chosen; they stay in it.

import { useSignal } from '@preact/signals';
import type { OwnFile } from '../work/messages';
import './drop.css';
import { chosenIn, droppedIn } from './taken';

interface Props {
  readonly files: readonly OwnFile[];
  /** A text that the page brings, where there is one. */
  readonly sample?: string;
  /** What it is, and whose. */
  readonly credit?: string;
  /** What is wanted, in words. */
  readonly what: string;
  set(files: readonly OwnFile[]): void;
}

const ACT = 'the first act of Romeo and Juliet, by William Shakespeare';

const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** Preact does not know it. */
const FOLDER = { webkitdirectory: true };

/** Files and folders that are named; of more, how many there are. */
const NAMED = 5;

const bytesOf = (files: readonly OwnFile[]): number => files.reduce((sum, { file }) => sum + file.size, 0);

/** The files in words: those of a folder together. */
function listed(files: readonly OwnFile[]): string {
  const roots = new Map<string, OwnFile[]>();
  for (const one of files) {
    const [root] = one.path.split('/');
    const own = roots.get(root);
    if (own) own.push(one);
    else roots.set(root, [one]);
  }
  const names = [...roots].slice(0, NAMED).map(([root, own]) => {
    const count = own[0].path === root ? '' : `${own.length} files, `;
    return `${root} (${count}${sizeOf(bytesOf(own))})`;
  });
  const rest = [...roots.values()].slice(NAMED);
  return names.join(', ') + (rest.length ? ` and ${rest.length} more (${sizeOf(bytesOf(rest.flat()))})` : '');
}

/** A place to drop files and folders on. */
export function Drop({ files, sample, credit = ACT, what, set }: Props) {
  const over = useSignal(false);
  const hover = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    over.value = is;
  };
  const give = (list: readonly OwnFile[]) => {
    if (list.length) set(list);
  };
  const take = (event: DragEvent) => {
    hover(false)(event);
    if (event.dataTransfer) void droppedIn(event.dataTransfer).then(give);
  };
  const choose = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) =>
    give(chosenIn(currentTarget));
  return (
    <div
      class={over.value ? 'drop over' : 'drop'}
      onDragOver={hover(true)}
      onDragLeave={hover(false)}
      onDrop={take}
    >
      <p>
        {files.length ? (
          listed(files)
        ) : sample ? (
          <>
            <a href={`samples/${sample.includes('.') ? sample : 'SOURCES.txt'}`}>{sample}</a>: {credit}
          </>
        ) : (
          `No files yet: ${what}`
        )}
      </p>
      <label class="button">
        Choose {what}
        <input type="file" multiple onChange={choose} />
      </label>
      <label class="button">
        A folder of them
        <input type="file" {...FOLDER} onChange={choose} />
      </label>
      {files.length > 0 && (
        <button onClick={() => set([])}>{sample ? 'Back to the sample' : 'Take them out'}</button>
      )}
      <small>or drop them here. They do not leave the page.</small>
    </div>
  );
}
