// What something has to say against what it is given.

/** The message with which `body` fails, or `no complaint`. */
export function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no complaint';
}
