// One line that changes, in a terminal; elsewhere a line now and then.

/** Between the lines of a run that is not watched in a terminal. */
const LINE_MS = 10_000;

/** A line on standard output. */
export interface ChangingLine {
  /** Puts a line there to stay. */
  say(words: string): void;
  /** Shows how far it is. */
  show(words: string): void;
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
  const show = (words: string) => {
    if (stdout.isTTY) stdout.write(`\r\x1b[2K${`${title} ${words}`.slice(0, (stdout.columns || 80) - 1)}`);
    else if (performance.now() >= next) {
      next = performance.now() + LINE_MS;
      say(words);
    }
  };
  return { say, show, clear };
}
