// What the planner knows of an adapter: measured at open, never guessed from its name.

/** What the planner knows of an adapter. */
export interface Traits {
  /**
   * `direct`: a core runs a few threads at once, so each may do much, in registers (CPU adapters).
   * `workgroup`: it runs hundreds, which share what they load in workgroup memory (GPUs).
   */
  readonly family: 'direct' | 'workgroup';
  /** Threads 4i … 4i+3 of a workgroup are a quad, whose members can pass values to each other. */
  readonly quads: boolean;
  /** Threads of a subgroup, at most: of a CPU adapter the lanes of a register. 4 where the device does not say. */
  readonly lanes: number;
  /** Elementwise ops in a row become one launch. */
  readonly chains: boolean;
  readonly maxBindingBytes: number;
  readonly maxBufferBytes: number;
  readonly maxStorageBuffers: number;
  readonly maxWorkgroupBytes: number;
  readonly maxWorkgroupsPerAxis: number;
  /** Rows of more workgroups are folded into y; a test has it low. Default: maxWorkgroupsPerAxis. */
  readonly longestRow?: number;
}

/** What every WebGPU device has, with the kernels of a CPU adapter: for plans made without a device. */
export const LEAST: Traits = {
  family: 'direct',
  quads: false,
  lanes: 4,
  chains: false,
  maxBindingBytes: 128 * 2 ** 20,
  maxBufferBytes: 256 * 2 ** 20,
  maxStorageBuffers: 8,
  maxWorkgroupBytes: 16384,
  maxWorkgroupsPerAxis: 65535,
};
