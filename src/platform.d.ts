// What the engine may use of its surroundings beyond ECMAScript and WebGPU: the names that browsers, Node and Deno
// share. The engine's TypeScript project knows no others, so it cannot lean on one platform by accident.

declare const performance: { now(): number };
declare const console: Record<'debug' | 'info' | 'log' | 'warn' | 'error', (...values: unknown[]) => void>;

declare function setTimeout(callback: () => void, ms?: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function queueMicrotask(callback: () => void): void;

declare function btoa(bytes: string): string;
declare function atob(base64: string): string;

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(encoding?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

interface ByteStream {
  pipeThrough(through: { readonly readable: ByteStream; readonly writable: object }): ByteStream;
}
declare class DecompressionStream {
  constructor(format: 'deflate');
  readonly readable: ByteStream;
  readonly writable: object;
}
declare class Blob {
  constructor(parts: readonly Uint8Array[]);
  stream(): ByteStream;
}
declare class Response {
  constructor(body: ByteStream);
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

interface ImportMeta {
  readonly url: string;
}
