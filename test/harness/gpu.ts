// The platform's WebGPU: the browser's and Deno's own, or Dawn in Node.

export async function findGpu(): Promise<GPU> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  if (navigator?.gpu) return navigator.gpu;
  const { nodeGpu } = await import('../../src/gpu/device/node');
  const { gpu, tried } = await nodeGpu();
  if (!gpu) throw new Error(`There is no WebGPU here: ${tried.join('; ')}`);
  return gpu;
}
