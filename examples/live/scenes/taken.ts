// What a person dropped or chose, as files with their paths: of a folder all that is in it and in its folders.

import type { OwnFile } from '../work/messages';

/** The files of a drop; what is in them is not read. */
export async function droppedIn({ items, files }: DataTransfer): Promise<OwnFile[]> {
  // The items are gone as soon as one waits.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) return [...files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map(filesOf))).flat();
}

/** The files of an input. */
export const chosenIn = ({ files }: HTMLInputElement): OwnFile[] =>
  [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

async function filesOf(entry: FileSystemEntry): Promise<OwnFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.slice(1), file }];
  }
  const found: OwnFile[] = [];
  for await (const one of entriesIn(entry as FileSystemDirectoryEntry)) found.push(...(await filesOf(one)));
  return found;
}

/** What is in a folder, which tells it by the hundred. */
async function* entriesIn(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry, void> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (!some.length) return;
    yield* some;
  }
}
