// A word as a shell takes it: for command lines that a person may copy.

/** The word itself where no shell changes it; otherwise in single quotes. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
