// ONNX Runtime Web on its WebGPU provider: a graph for each case, with inputs and outputs in buffers on the
// GPU.

import * as ort from 'onnxruntime-web/webgpu';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { array, type HostArray } from '../../../src/graph/host';
import { sizeOf, type Shape } from '../../../src/graph/shape';
import { transposed } from './layout';
import { model, type Graph, type Node } from './onnxModel';
import { dependencies } from './package.json';
import { clock, type Rival, type Run, type Start } from './rival';

type Feeds = Readonly<Record<string, HostArray>>;
type Finish = (y: Float32Array) => Float32Array;

/** A graph with one output, called y. */
async function session(
  graph: Omit<Graph, 'inputs' | 'outputs'> & { readonly shape: Shape },
  feeds: Feeds,
  finish: Finish = (y) => y,
): Promise<Run> {
  const { shape } = graph;
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feed.shape]));
  const made = await ort.InferenceSession.create(model({ ...graph, inputs, outputs: { y: shape } }), {
    executionProviders: ['webgpu'],
    graphOptimizationLevel: 'all',
  });
  const device = (await ort.env.webgpu.device) as GPUDevice;
  const buffers: GPUBuffer[] = [];
  const resident = (dims: Shape, data?: HostArray['data']): ort.Tensor => {
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const size = Math.ceil(sizeOf(dims) / 4) * 16;
    const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
    if (data) device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    buffers.push(buffer);
    return ort.Tensor.fromGpuBuffer(buffer as never, { dataType: 'float32', dims: [...dims] });
  };
  const bound = Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [name, resident(feed.shape, feed.data)]),
  );
  const y = resident(shape);
  return {
    time: (times) =>
      clock(
        async () => {
          for (let i = 0; i < times; i++) await made.run(bound, { y });
        },
        () => device.queue.onSubmittedWorkDone(),
      ),
    async results() {
      await made.run(bound, { y });
      return [finish(await download(device, buffers.at(-1)!, sizeOf(shape)))];
    },
    dispose() {
      buffers.forEach((buffer) => buffer.destroy());
      void made.release();
    },
  };
}

async function download(device: GPUDevice, from: GPUBuffer, size: number): Promise<Float32Array> {
  const staging = device.createBuffer({
    size: size * 4,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, staging, 0, size * 4);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

const binary =
  (op: string, shapeOf: (a: Shape, b: Shape) => Shape, attributes: Node['attributes'] = {}): Start =>
  async ({ a, b }) =>
    session(
      { nodes: [{ op, inputs: ['a', 'b'], outputs: ['y'], attributes }], shape: shapeOf(a.shape, b.shape) },
      { a, b },
    );

const square = (a: Shape): Shape => a;

/** `times` nodes in a row, each on the result of the one before and always the same second operand. */
const chain =
  (op: string, times: number, second: string): Start =>
  async (inputs) => {
    const nodes = Array.from({ length: times }, (_, i) => ({
      op,
      inputs: [i ? `v${i}` : 'x', second],
      outputs: [i < times - 1 ? `v${i + 1}` : 'y'],
    }));
    return session({ nodes, shape: inputs.x.shape }, { x: inputs.x, [second]: inputs[second] });
  };

const DILATION = 8;

const conv: Start = async ({ x, w }) => {
  const [B, T] = x.shape;
  const [K, , O] = w.shape;
  const node = {
    op: 'Conv',
    inputs: ['x', 'w'],
    outputs: ['y'],
    attributes: { dilations: [DILATION], kernel_shape: [K], pads: [(K - 1) * DILATION, 0], strides: [1] },
  };
  const finish: Finish = (y) => transposed(array([B, O, T], y), [0, 2, 1]).data as Float32Array;
  const weights = { w: transposed(w, [2, 1, 0]) };
  return session({ nodes: [node], shape: [B, O, T], weights }, { x: transposed(x, [0, 2, 1]) }, finish);
};

/** PyTorch's gates are input, forget, cell, output; these are input, output, forget, cell. */
function reordered({ data }: HostArray, H: number, width: number): Float32Array {
  const parts = [0, 3, 1, 2].map((gate) => data.subarray(gate * H * width, (gate + 1) * H * width));
  const result = new Float32Array(data.length);
  parts.forEach((part, i) => result.set(part, i * H * width));
  return result;
}

const lstm: Start = async ({ x, weight_ih_l0: wx, weight_hh_l0: wh, bias_ih_l0: bx, bias_hh_l0: bh }) => {
  const [B, T, I] = x.shape;
  const H = wh.shape[1];
  const biases = Float32Array.of(...reordered(bx, H, 1), ...reordered(bh, H, 1));
  const weights = {
    w: array([1, 4 * H, I], reordered(wx, H, I)),
    r: array([1, 4 * H, H], reordered(wh, H, H)),
    b: array([1, 8 * H], biases),
  };
  const node = {
    op: 'LSTM',
    inputs: ['x', 'w', 'r', 'b'],
    outputs: ['y'],
    attributes: { hidden_size: H, direction: 'forward' },
  };
  const finish: Finish = (y) => transposed(array([T, B, H], y), [1, 0, 2]).data as Float32Array;
  return session({ nodes: [node], shape: [T, 1, B, H], weights }, { x: transposed(x, [1, 0, 2]) }, finish);
};

const layerNorm: Start = async ({ x, weight, bias }) => {
  // Its epsilon is 1e-5 unless given.
  const node = { op: 'LayerNormalization', inputs: ['x', 'weight', 'bias'], outputs: ['y'] };
  return session({ nodes: [node], shape: x.shape, weights: { weight, bias } }, { x });
};

export const onnx: Rival = {
  name: 'ONNX Runtime Web',
  version: dependencies['onnxruntime-web'],
  async open() {
    ort.env.wasm.wasmPaths = { wasm };
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = 'error';
  },
  cases: {
    'matmul 256': binary('MatMul', square),
    'matmul 512': binary('MatMul', square),
    'matmul 1024': binary('MatMul', square),
    'matmul 512 a·bᵀ': binary('Gemm', square, { transB: 1 }),
    'matmul 512 aᵀ·b': binary('Gemm', square, { transA: 1 }),
    'matmul 64 × 64³': binary('MatMul', square),
    'causalConv dilation 8': conv,
    'LSTM forward': lstm,
    add: binary('Add', square),
    layerNorm,
    '1000 adds': chain('Add', 1000, 'b'),
    '200 products': chain('MatMul', 200, 'r'),
  },
  missing: { '*': 'it computes no gradients' },
};
