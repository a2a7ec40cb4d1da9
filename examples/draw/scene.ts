// An LSTM learns to foresee a signal and is drawn while it learns. The signal is made, learned from and drawn on the
// GPU: a frame is one submit, and the CPU sees nothing but the loss, if it asks.

import {
  encodeStep,
  gpuArray,
  meanSquaredError,
  nn,
  open,
  optim,
  slice,
  type Engine,
  type Reading,
  type Tensor,
} from 'seqgpu';
import code from './draw.wgsl?raw';

export interface Scene {
  /** A new signal, a training step on it and, where there is a target, a picture of both: in one submit. */
  frame(seconds: number, target?: GPUTexture): Reading;
  readonly engine: Engine;
  readonly lstm: nn.LSTM;
}

export async function makeScene(
  device: GPUDevice,
  format: GPUTextureFormat,
  { sequences = 16, steps = 96, hidden = 48 } = {},
): Promise<Scene> {
  // The net, on our own device.
  const engine = await open({ device });
  const lstm = new nn.LSTM(1, hidden);
  const head = new nn.Linear(hidden, 1);
  const parameters = [...lstm.parameters(), ...head.parameters()];
  const adam = new optim.Adam(parameters, { learningRate: 5e-3, clipNorm: 1 });
  const train = engine.train((signal: Tensor) => {
    const states = lstm.forward(slice(signal, 1, 0, steps));
    const guess = head.forward(states);
    return { loss: adam.minimize(meanSquaredError(guess, slice(signal, 1, 1))), states, guess };
  });

  // Our own buffers and pipelines.
  const { STORAGE, COPY_SRC, COPY_DST, UNIFORM } = GPUBufferUsage;
  const size = 4 * sequences * (steps + 1);
  const signal = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const constants = device.createBuffer({ size: 32, usage: UNIFORM | COPY_DST });
  const module = device.createShaderModule({ code });
  const wave = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'wave' } });
  const picture = device.createRenderPipeline({
    layout: 'auto',
    vertex: { module, entryPoint: 'cover' },
    fragment: { module, entryPoint: 'picture', targets: [{ format }] },
  });
  const bind = (pipeline: GPUPipelineBase, buffers: Record<number, GPUBufferBinding>) =>
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: Object.entries(buffers).map(([at, resource]) => ({ binding: Number(at), resource })),
    });
  const making = bind(wave, { 0: { buffer: constants }, 1: { buffer: signal } });
  let showing: GPUBindGroup | undefined;

  const frame = (seconds: number, target?: GPUTexture): Reading => {
    const { width = 1, height = 1 } = target ?? {};
    device.queue.writeBuffer(constants, 0, Float32Array.of(width, height, seconds, steps, hidden));
    const encoder = device.createCommandEncoder();
    const compute = encoder.beginComputePass();
    compute.setPipeline(wave);
    compute.setBindGroup(0, making);
    compute.dispatchWorkgroups(Math.ceil(size / 4 / 64));
    compute.end();

    const { loss, states, guess } = encodeStep(train, encoder, gpuArray([sequences, steps + 1, 1], signal));

    if (target) {
      // Weights, activations and results stay where they are, so that they are bound once.
      const weights = lstm.namedParameters().get('weight_hh_l0')!;
      const [w, s, g] = [weights, states, guess].map((what) => engine.bufferOf(what));
      showing ??= bind(picture, { 0: { buffer: constants }, 2: w, 3: s, 4: g, 5: { buffer: signal } });
      const view = target.createView();
      const pass = encoder.beginRenderPass({
        colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }],
      });
      pass.setPipeline(picture);
      pass.setBindGroup(0, showing);
      pass.draw(3);
      pass.end();
    }
    device.queue.submit([encoder.finish()]);
    return loss;
  };
  return { frame, engine, lstm };
}
