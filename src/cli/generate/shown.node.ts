// A text as it grows: on the screen at once, and in memory where it is wanted later.

/** A text that is shown piece by piece. */
export class Shown {
  /** In UTF-8. */
  readonly parts: Uint8Array[] = [];

  /** `keeps`: the pieces are wanted later. */
  constructor(private readonly keeps: boolean) {}

  /** Shows a piece, behind those before. */
  async add(text: string): Promise<void> {
    if (!text) return;
    if (this.keeps) this.parts.push(Buffer.from(text));
    await print(text);
  }
}

/**
 * Writes to standard output and waits until it is taken: whoever reads slowly is not overrun. A reader that has gone
 * ends the program elsewhere.
 */
export const print = (text: string): Promise<void> =>
  new Promise((taken) => process.stdout.write(text, () => taken()));
