// `using x = …` frees x at the end of its block. The types hold without lib "ESNext.Disposable", and the code where a
// platform has no Symbol.dispose yet: compilers that write `using` in older words look for the same name.

declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}

/** What holds memory on the device and can give it back. */
export interface Destroyable {
  /** Frees it at once. Twice does no harm; whatever is used afterwards and needs it says so. */
  destroy(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** Symbol.dispose, also where the runtime does not have it. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
