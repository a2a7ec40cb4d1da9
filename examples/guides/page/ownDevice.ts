// On a device and with a buffer of one's own: a step is recorded into our encoder, and its weights go on from there.
import { encodeStep, gpuArray, meanSquaredError, nn, open, optim, slice } from 'seqgpu';

const adapter = await navigator.gpu.requestAdapter();
const device = await adapter!.requestDevice();
const engine = await open({ device }); // stays ours: engine.destroy() leaves it

// What the page has on the GPU: here it is written once; a kernel of the page may make it anew in every frame.
const [B, T] = [8, 33];
const wave = Float32Array.from({ length: B * T }, (_, i) => Math.sin((i % T) / 3 + Math.floor(i / T)));
const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
const signal = device.createBuffer({ size: wave.byteLength, usage: STORAGE | COPY_SRC | COPY_DST });
device.queue.writeBuffer(signal, 0, wave);

const layer = new nn.Linear(4, 1);
const rnn = new nn.RNN(1, 4);
const parameters = [...rnn.parameters(), ...layer.parameters()];
const adam = new optim.Adam(parameters, { learningRate: 1e-2 });
const step = engine.train((x) => {
  const guess = layer.forward(rnn.forward(slice(x, 1, 0, T - 1)));
  return adam.minimize(meanSquaredError(guess, slice(x, 1, 1)));
});

// Where the weights lie does not change; a page would bind the buffer and draw from it.
const { buffer, offset, size } = engine.bufferOf(layer.weight);
const mirror = device.createBuffer({ size, usage: MAP_READ | COPY_DST });

export let losses: readonly number[] = [];
for (let frame = 0; frame < 60; frame++) {
  const encoder = device.createCommandEncoder();
  const loss = encodeStep(step, encoder, gpuArray([B, T, 1], signal));
  if (frame === 59) encoder.copyBufferToBuffer(buffer, offset, mirror, 0, size);
  device.queue.submit([encoder.finish()]); // one submit a frame
  if (frame % 59 === 0) losses = [...losses, await loss.item()];
}
await mirror.mapAsync(GPUMapMode.READ);
export const weights = [...new Float32Array(mirror.getMappedRange())];
engine.destroy();
