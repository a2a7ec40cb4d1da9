// GPUs by their public specifications, for what a trace allows them at most. What makers do not publish is said where
// it is from, or taken to be what most of them have: 128 bytes a clock and core from the first-level cache and from
// workgroup memory (32 banks of 4 bytes), 64 bytes a clock and core from the second level.

/** What a GPU is made of. A core is an SM (NVIDIA), a CU (AMD), an Xe core (Intel), a GPU core (Apple). */
export interface Gpu {
  readonly name: string;
  readonly cores: number;
  /** The boost clock that the maker's peak is computed with. */
  readonly clockGHz: number;
  /** Multiply-adds of f32 a clock and core, two operations each. */
  readonly fmas: number;
  /** GB/s of its memory. */
  readonly memory: number;
  /** KiB a core: first-level cache, registers, workgroup memory. */
  readonly cacheKiB: number;
  readonly registerKiB: number;
  readonly workgroupKiB: number;
  /** Lanes of its smallest subgroup, and of its largest: what threads of a workgroup are put together to. */
  readonly subgroups: readonly [least: number, most: number];
  /** Threads that a core holds at most. */
  readonly threads: number;
  /** Workgroups that a core holds at most; none where it is not published. */
  readonly workgroups?: number;
  /** 32-bit registers that a thread may have at most, and what they are handed out in. */
  readonly mostRegisters: number;
  readonly registerStep: number;
  /** Loads and stores take turns with multiply-adds in being issued: both are one a clock and scheduler. */
  readonly sharedIssue?: true;
  readonly source: string;
}

/** Bytes that a core moves in a clock. */
export const PER_CLOCK = { requests: 128, workgroup: 128, cache: 64 } as const;

const NVIDIA = {
  fmas: 128,
  registerKiB: 256,
  mostRegisters: 255,
  registerStep: 8,
  subgroups: [32, 32],
  sharedIssue: true,
} as const;

const CUDA = 'CUDA programming guide, technical specifications of compute capability';

/** The GPUs that a trace is held against. */
export const GPUS: readonly Gpu[] = [
  {
    name: 'Apple M2',
    cores: 10,
    clockGHz: 1.398,
    fmas: 128,
    memory: 100,
    cacheKiB: 8,
    registerKiB: 208,
    workgroupKiB: 60,
    subgroups: [32, 32],
    threads: 3072,
    mostRegisters: 128,
    registerStep: 4,
    source:
      'apple.com/newsroom, June 2022: 3.6 TFLOPS, 100 GB/s, 10 cores; the rest as measured by ' +
      'github.com/philipturner/metal-benchmarks; registers, 256 of 16 bits: github.com/dougallj/applegpu',
  },
  {
    name: 'NVIDIA RTX 3080',
    cores: 68,
    clockGHz: 1.71,
    memory: 760,
    ...NVIDIA,
    cacheKiB: 128,
    workgroupKiB: 100,
    threads: 1536,
    workgroups: 16,
    source: `NVIDIA Ampere GA102 whitepaper v2.1: 29.8 TFLOPS, 760 GB/s, 68 SMs; ${CUDA} 8.6`,
  },
  {
    name: 'NVIDIA RTX 4090',
    cores: 128,
    clockGHz: 2.52,
    memory: 1008,
    ...NVIDIA,
    cacheKiB: 128,
    workgroupKiB: 100,
    threads: 1536,
    workgroups: 24,
    source: `NVIDIA Ada GPU architecture whitepaper: 82.6 TFLOPS, 1008 GB/s, 128 SMs; ${CUDA} 8.9`,
  },
  {
    name: 'NVIDIA H100 SXM5',
    cores: 132,
    clockGHz: 1.98,
    memory: 3352,
    ...NVIDIA,
    cacheKiB: 256,
    workgroupKiB: 228,
    threads: 2048,
    workgroups: 32,
    source: `NVIDIA H100 data sheet and Hopper whitepaper: 67 TFLOPS, 3.35 TB/s, 132 SMs; ${CUDA} 9.0`,
  },
  {
    name: 'Intel Arc B580',
    cores: 20,
    clockGHz: 2.67,
    fmas: 128,
    memory: 456,
    cacheKiB: 256,
    registerKiB: 512,
    workgroupKiB: 128,
    subgroups: [16, 32],
    threads: 1024,
    mostRegisters: 256,
    registerStep: 128,
    source:
      'ark.intel.com, Arc B580: 20 Xe cores, 160 vector engines of 16 lanes, 2670 MHz, 456 GB/s; ' +
      'Intel oneAPI GPU optimization guide: 8 threads a vector engine, half of them where one needs 256 registers',
  },
  {
    name: 'AMD RX 7900 XT',
    cores: 84,
    clockGHz: 2.4,
    fmas: 128,
    memory: 800,
    cacheKiB: 32,
    registerKiB: 384,
    workgroupKiB: 64,
    subgroups: [32, 64],
    threads: 1024,
    mostRegisters: 256,
    registerStep: 24,
    source:
      'amd.com, RX 7900 XT: 51.6 TFLOPS (two operations issued at once), 800 GB/s, 84 CUs; RDNA 3 guide; ' +
      'LLVM, AMDGPUBaseInfo: registers by 24',
  },
];

/** TFLOP/s of f32. */
export const peakOf = ({ cores, clockGHz, fmas }: Gpu): number => (cores * clockGHz * fmas * 2) / 1000;
