// The constants of WebGPU that are needed here, as its specification has them: not every device comes with the globals
// that hold them, e.g. none that a program in Node has asked Dawn for. One by one, so that a bundle has their values.

/** A buffer that the host maps to read. */
export const MAP_READ = 1;
/** A buffer that is copied from. */
export const COPY_SRC = 4;
/** A buffer that is copied to. */
export const COPY_DST = 8;
/** A buffer of params. */
export const UNIFORM = 64;
/** A buffer that kernels read and write. */
export const STORAGE = 128;
/** A buffer that timestamps are put into. */
export const QUERY_RESOLVE = 512;

/** The mode of mapping for reading. */
export const READ = 1;
/** The stage of compute shaders. */
export const COMPUTE = 4;
