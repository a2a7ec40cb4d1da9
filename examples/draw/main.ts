// The page: a canvas, a device of our own, and a frame after the other.

import { makeScene } from './scene';

const canvas = document.querySelector('canvas')!;
const text = document.querySelector('p')!;
const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) {
  text.textContent = 'This browser offers no WebGPU adapter.';
  throw new Error(text.textContent);
}
const device = await adapter.requestDevice();
const context = canvas.getContext('webgpu')!;
const format = navigator.gpu.getPreferredCanvasFormat();
context.configure({ device, format });
const scene = await makeScene(device, format);

let frames = 0;
async function show(milliseconds: number): Promise<void> {
  const loss = scene.frame(milliseconds / 1000, context.getCurrentTexture());
  if (frames++ % 30 === 0) {
    text.textContent = `${scene.engine.name} · step ${frames} · loss ${(await loss.item()).toFixed(4)}`;
  }
  requestAnimationFrame((now) => void show(now));
}
requestAnimationFrame((now) => void show(now));
