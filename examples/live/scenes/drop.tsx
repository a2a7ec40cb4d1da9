// Files of one's own: dropped on the page or chosen; they stay in it.

import { useSignal } from '@preact/signals';
import './drop.css';

interface Props {
  readonly files: readonly File[];
  /** A text that the page brings, where there is one. */
  readonly sample?: string;
  /** What it is, and whose. */
  readonly credit?: string;
  /** What is wanted, in words. */
  readonly what: string;
  set(files: readonly File[]): void;
}

const ACT = 'the first act of Romeo and Juliet, by William Shakespeare';

const sizeOf = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** A place to drop files on. */
export function Drop({ files, sample, credit = ACT, what, set }: Props) {
  const over = useSignal(false);
  const hover = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    over.value = is;
  };
  const take = (event: DragEvent) => {
    hover(false)(event);
    const list = [...(event.dataTransfer?.files ?? [])];
    if (list.length) set(list);
  };
  return (
    <div
      class={over.value ? 'drop over' : 'drop'}
      onDragOver={hover(true)}
      onDragLeave={hover(false)}
      onDrop={take}
    >
      <p>
        {files.length ? (
          files.map(({ name, size }) => `${name} (${sizeOf(size)})`).join(', ')
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
        <input
          type="file"
          multiple
          onChange={({ currentTarget }) => {
            if (currentTarget.files?.length) set([...currentTarget.files]);
          }}
        />
      </label>
      {files.length > 0 && (
        <button onClick={() => set([])}>{sample ? 'Back to the sample' : 'Take them out'}</button>
      )}
      <small>or drop them here. They do not leave the page.</small>
    </div>
  );
}
