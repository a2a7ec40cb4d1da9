// The example that draws a net while it learns: into a texture, since a canvas is not everywhere.

import { afterAll, expect, test } from 'vitest';
import { makeScene } from '../../examples/draw/scene';
import { nn } from '../../src/index';
import { findGpu } from '../harness/gpu';

const device = await (await (await findGpu()).requestAdapter())!.requestDevice();
afterAll(() => device.destroy());

const textureOf = (width: number, height: number) =>
  device.createTexture({
    size: [width, height],
    format: 'rgba8unorm',
    usage: GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC,
  });

/** A function of a pixel, to its red, green and blue, 0 to 1. */
async function pixelsOf(texture: GPUTexture) {
  const { width, height } = texture;
  const bytesPerRow = Math.ceil((width * 4) / 256) * 256;
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(GPUMapMode.READ);
  const bytes = new Uint8Array(buffer.getMappedRange());
  return (x: number, y: number) => {
    const at = Math.floor(y * height) * bytesPerRow + 4 * Math.floor(x * width);
    return Array.from(bytes.slice(at, at + 3), (value) => value / 255);
  };
}

const NIGHT = [0.03, 0.035, 0.06];
const [AMBER, AZURE] = [
  [1, 0.6, 0.2],
  [0.2, 0.6, 1],
];
const heat = (v: number) =>
  NIGHT.map((dark, i) => dark + (v > 0 ? AMBER : AZURE)[i] * Math.min(Math.abs(v), 1));

test('it learns, and shows the weights that it has', async () => {
  const hidden = 6;
  nn.seed(1);
  const scene = await makeScene(device, 'rgba8unorm', { sequences: 4, steps: 16, hidden });
  const target = textureOf(120, 80);
  const losses = [];
  for (let i = 0; i < 40; i++) losses.push(await scene.frame(i / 60, i % 2 ? target : undefined).item());
  expect(losses.at(-1)!).toBeLessThan(losses[0] / 2);
  const pixel = await pixelsOf(target);
  const weights = await scene.engine.read(scene.lstm.namedParameters().get('weight_hh_l0')!);
  for (let row = 0; row < hidden; row++) {
    for (let column = 0; column < 4 * hidden; column += 5) {
      const x = 0.02 + (0.3 * (row + 0.5)) / hidden;
      const y = 0.04 + (0.92 * (column + 0.5)) / (4 * hidden);
      const wanted = heat(2 * weights[row * 4 * hidden + column]);
      pixel(x, y).forEach((value, i) => expect(value).toBeCloseTo(Math.min(1, wanted[i]), 1));
    }
  }
  // Between the panels it is dark; where the signal is, it is not.
  expect(Math.max(...pixel(0.33, 0.5))).toBeLessThan(0.05);
  const brightest = Math.max(...Array.from({ length: 76 }, (_, i) => pixel(0.6, 0.58 + 0.005 * i)[0]));
  expect(brightest).toBeGreaterThan(0.5);
  scene.engine.destroy();
});

test('what is drawn costs little beside what is learned', async () => {
  const scene = await makeScene(device, 'rgba8unorm');
  const target = textureOf(320, 180);
  const time = async (shown?: GPUTexture) => {
    const start = performance.now();
    scene.frame(start / 1000, shown);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  await time(target);
  const drawn: number[] = [];
  const undrawn: number[] = [];
  for (let i = 0; i < 12; i++) {
    drawn.push(await time(target));
    undrawn.push(await time());
  }
  // The faster half: a busy machine delays the others.
  const half = (times: number[]) => times.sort((a, b) => a - b).slice(0, 6);
  const sum = (times: number[]) => half(times).reduce((all, ms) => all + ms, 0);
  expect(sum(drawn) / sum(undrawn)).toBeLessThan(1.3);
  scene.engine.destroy();
});
