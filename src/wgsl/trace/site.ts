// An access site, as those see it who have no syntax tree.

/** A place of a program that reads or writes memory which threads share, or waits for others. */
export interface Site {
  /** Its line in the kernel's file. */
  readonly line: number;
  /** The access as it is written. */
  readonly text: string;
  /** The name of the buffer or of the workgroup variable; empty for a barrier. */
  readonly variable: string;
  readonly space: 'storage' | 'workgroup' | 'barrier';
  readonly kind: 'read' | 'write' | 'atomic' | 'barrier';
  /** Bytes that one thread reads or writes at once. */
  readonly bytes: number;
}
