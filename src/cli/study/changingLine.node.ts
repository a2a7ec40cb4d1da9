// How far something is: in a terminal one line that changes, with a bar; elsewhere a line now and then.

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;
const BAR = 20;

/** A line on standard output. */
export interface ChangingLine {
  /** Puts a line there to stay. */
  say(words: string): void;
  /** Shows the part that is done, 0 to 1, and how far it is in words. */
  show(share: number, words: string): void;
  /** Shows the same where a terminal is watched; elsewhere the next line is a while away. */
  begin(share: number, words: string): void;
  clear(): void;
}

/** Lines that begin with a title. */
export function changingLine(title: string): ChangingLine {
  const { stdout } = process;
  let next = performance.now() + LINE_MS;
  const clear = () => stdout.isTTY && stdout.write('\r\x1b[2K');
  const say = (words: string) => {
    clear();
    console.log(`${title}: ${words}`);
  };
  const show = (share: number, words: string) => {
    if (stdout.isTTY) {
      const filled = Math.floor(BAR * Math.min(share, 1));
      const text = `${title} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${words}`;
      stdout.write(`\r\x1b[2K${text.slice(0, (stdout.columns || 80) - 1)}`);
    } else if (performance.now() >= next) {
      next = performance.now() + LINE_MS;
      say(words);
    }
  };
  const begin = (share: number, words: string) => {
    next = performance.now() + LINE_MS;
    if (stdout.isTTY) show(share, words);
  };
  return { say, show, begin, clear };
}
