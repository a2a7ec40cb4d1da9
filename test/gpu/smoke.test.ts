// The least that every GPU test stands on: this platform has an adapter, and a dispatch computes what it says.

import { expect, test } from 'vitest';
import { findGpu } from '../harness/gpu';

const COUNT = 1000;

const SQUARES = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> y : array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < arrayLength(&y)) { y[gid.x] = gid.x * gid.x; }
}`;

test('an adapter is there and squares numbers', async () => {
  const adapter = await (await findGpu()).requestAdapter();
  expect(adapter, 'requestAdapter() gave no adapter').not.toBeNull();
  const device = await adapter!.requestDevice();
  const errors: string[] = [];
  device.addEventListener('uncapturederror', (event) => errors.push(event.error.message));

  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: SQUARES }) },
  });
  const size = COUNT * Uint32Array.BYTES_PER_ELEMENT;
  const y = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const host = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });

  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer: y } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(COUNT / 64));
  pass.end();
  encoder.copyBufferToBuffer(y, 0, host, 0, size);
  device.queue.submit([encoder.finish()]);

  await host.mapAsync(GPUMapMode.READ);
  const squares = new Uint32Array(host.getMappedRange()).slice();
  device.destroy();
  expect(errors).toEqual([]);
  expect([...squares]).toEqual(Array.from({ length: COUNT }, (_, i) => i * i));
});
