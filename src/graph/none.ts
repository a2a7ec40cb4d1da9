// What stands in a u32 tensor where there is no index.

/** The largest u32: no row, no class, no place. Kernels have it as `0xffffffffu`. */
export const NONE = 0xffffffff;
