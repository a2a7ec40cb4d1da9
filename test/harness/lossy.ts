// An engine whose device can be lost for any reason, as by a driver, in any place.

import type { Engine, OpenOptions } from '../../src/index';
import { openTestEngine } from './engine';
import { findGpu } from './gpu';

export interface Lossy {
  readonly engine: Engine;
  /** Loses the device that the engine has now. */
  lose(reason: GPUDeviceLostReason, message: string): void;
  /** Devices that were asked for so far, by whatever they were answered. */
  readonly asked: () => number;
  /** From now on there is no adapter, so many times. */
  withhold(times: number): void;
}

/** Opens one; a device tells of its end by its own `lost`, which stands in front of the platform's. */
export async function lossy(options: OpenOptions = {}): Promise<Lossy> {
  const gpu = await findGpu();
  const lose = new WeakMap<GPUDevice, (info: GPUDeviceLostInfo) => void>();
  let [asked, withheld] = [0, 0];
  const requestAdapter = async (wish?: GPURequestAdapterOptions) => {
    asked++;
    if (withheld-- > 0) return null;
    const adapter = (await gpu.requestAdapter(wish))!;
    const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
      const device = (await Object.getPrototypeOf(adapter).requestDevice.call(
        adapter,
        descriptor,
      )) as GPUDevice;
      const own = device.lost;
      const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
        lose.set(device, resolve);
        void own.then(resolve);
      });
      return Object.defineProperty(device, 'lost', { value: lost });
    };
    return Object.defineProperty(adapter, 'requestDevice', { value: requestDevice });
  };
  const losing: GPU = Object.create(gpu, { requestAdapter: { value: requestAdapter } });
  const engine = await openTestEngine({ family: 'direct', ...options, gpu: losing });
  return {
    engine,
    lose(reason, message) {
      lose.get(engine.device)!({ reason, message } as GPUDeviceLostInfo);
      engine.device.destroy();
    },
    asked: () => asked,
    withhold: (times) => void (withheld = times),
  };
}
