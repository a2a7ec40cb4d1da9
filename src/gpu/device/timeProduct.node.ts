// How fast a driver is: a product of two matrices, timed in a process of its own. A driver that crashes takes nothing
// with it there, and this process loads only the one that it takes.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { dawnOptions, type Dawn } from './dawn.node';
import matmulKernel from '../../../shaders/matmul/matmul.wgsl';
import quadKernel from '../../../shaders/matmul/matmulQuad.wgsl';

/** What a driver has shown; `null`: it gives no adapter, or one that multiplies wrongly. */
export type Shown = { readonly name: string; readonly gflops: number } | null;

interface Product {
  /** The matrices are `size` × `size`. */
  readonly size: number;
  readonly workgroups: number;
  /** For neighbours that share what they load, and for threads that are alone. */
  readonly quad: string;
  readonly plain: string;
  /** Options of Dawn's `create`. */
  readonly options: readonly string[];
}

const SIZE = 256;
/** A tile in the middle: larger ones take longer to compile than to run. */
const TILE = 8;
const WORKGROUP = 8;
/** Milliseconds after which a driver is given up; a fast machine needs a twentieth. */
const PATIENCE = 10_000;

/** The variable that is set where a driver is timed, so that nothing else is timed there, whatever program it is. */
export const TIMING = 'SEQGPU_TIMING';

/** What a driver shows, by its ICD file; undefined where that took too long, which another time it may not. */
export function timeProduct(icd: string): Promise<Shown | undefined> {
  const tile = { TM: TILE, TN: TILE, WORKGROUP, ALIGNED_B: true, RAGGED: false };
  const product: Product = {
    size: SIZE,
    workgroups: (SIZE / TILE) ** 2 / WORKGROUP,
    quad: quadKernel.with({ ...tile, ALIGNED_A: true }).code,
    plain: matmulKernel.with({ ...tile, ALIGNED_A: true }).code,
    options: dawnOptions(true),
  };
  const dawn = pathToFileURL(createRequire(import.meta.url).resolve('webgpu')).href;
  const program = `import(process.argv[1]).then((dawn) => (${multiply})(dawn, JSON.parse(process.argv[2])))`;
  const words = ['--input-type=module', '--eval', program, dawn, JSON.stringify(product)];
  const env = { ...process.env, VK_ICD_FILENAMES: icd, [TIMING]: '1', ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env, timeout: PATIENCE, killSignal: 'SIGKILL' }, (error, out) => {
      if (error) resolve(error.killed ? undefined : null);
      else resolve(shownIn(out));
    });
  });
}

/** Drivers may write to standard output too: what was shown is the last line. */
function shownIn(out: string): Shown {
  try {
    return JSON.parse(out.trim().split('\n').at(-1)!) as Shown;
  } catch {
    return null;
  }
}

/** Runs as a text in the other process, and so uses nothing of this file. */
async function multiply(dawn: Dawn, { size, workgroups, quad, plain, options }: Product): Promise<void> {
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([...options]);
  // Referenced to the end: Dawn crashes when it is collected.
  Object.assign(globalThis, { gpu });
  const adapter = await gpu.requestAdapter();
  const end = (shown: Shown) => process.stdout.write(`\n${JSON.stringify(shown)}\n`, () => process.exit(0));
  if (!adapter) return void end(null);
  const subgroups: GPUFeatureName[] = adapter.features.has('subgroups') ? ['subgroups'] : [];
  const device = await adapter.requestDevice({ requiredFeatures: subgroups });
  const { UNIFORM, STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const buffer = (numbers: number, usage: number) => device.createBuffer({ size: 4 * numbers, usage });
  const [a, b, bias, y] = [0, 1, 2, 3].map(() => buffer(size * size, STORAGE | COPY_DST | COPY_SRC));
  // Where four neighbours are no quad, what they share is wrong.
  const ms = (subgroups.length && (await timed(quad, [a]))) || (await timed(plain, []));
  const { vendor, architecture, description } = adapter.info;
  const name = `${[vendor, architecture].filter(Boolean).join(' ')} — ${description}`;
  end(ms ? { name, gflops: (2 * size ** 3) / ms / 1e6 } : null);

  /** Milliseconds of a product, whose kernel has `more` buffers; 0 if it is wrong. */
  async function timed(code: string, more: readonly GPUBuffer[]): Promise<number> {
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const group = filled(pipeline, more);
    // The first may compile. The best of the others is what the driver takes; what comes on top is of others.
    await launch(pipeline, group);
    let best = Infinity;
    for (let i = 0, spent = 0; i < 5 || spent < 150; i++) {
      const taken = await launch(pipeline, group);
      spent += taken;
      best = Math.min(best, taken);
    }
    return (await isRight()) ? best : 0;
  }

  function filled(pipeline: GPUComputePipeline, more: readonly GPUBuffer[]): GPUBindGroup {
    const params = buffer(8, UNIFORM | COPY_DST);
    device.queue.writeBuffer(params, 0, Uint32Array.of(1, size, size, size, 0, 0, 0, size));
    const values = (from: number) => Float32Array.from({ length: size * size }, (_, i) => i % from);
    device.queue.writeBuffer(a, 0, values(7));
    device.queue.writeBuffer(b, 0, values(5));
    device.queue.writeBuffer(y, 0, new Float32Array(size * size));
    const buffers = [params, a, b, bias, y, ...more];
    const entries = buffers.map((one, binding) => ({ binding, resource: { buffer: one } }));
    return device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  }

  async function launch(pipeline: GPUComputePipeline, group: GPUBindGroup): Promise<number> {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  }

  /** The second row, whose sums are whole numbers that f32 holds exactly. */
  async function isRight(): Promise<boolean> {
    const row = buffer(size, MAP_READ | COPY_DST);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(y, 4 * size, row, 0, 4 * size);
    device.queue.submit([encoder.finish()]);
    await row.mapAsync(GPUMapMode.READ);
    return new Float32Array(row.getMappedRange()).every((value, n) => {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += ((size + k) % 7) * ((k * size + n) % 5);
      return value === sum;
    });
  }
}
