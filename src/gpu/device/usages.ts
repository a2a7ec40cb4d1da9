// The constants of WebGPU that are needed here, as its specification has them: not every device comes with the globals
// that hold them, e.g. none that a program in Node has asked Dawn for.

/** Usages of buffers. */
export const USAGE = {
  MAP_READ: 1,
  COPY_SRC: 4,
  COPY_DST: 8,
  UNIFORM: 64,
  STORAGE: 128,
  QUERY_RESOLVE: 512,
} as const;

/** The mode of mapping for reading. */
export const READ = 1;

/** The stage of compute shaders. */
export const COMPUTE = 4;
