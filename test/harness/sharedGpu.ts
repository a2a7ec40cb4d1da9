// One device for the engines of many tests, in place of one each. Software adapters compile a kernel for as long as they
// run it in a hundred tests, and a device that has compiled it once has it at once the next time.

interface Shared {
  readonly device: GPUDevice;
  /** Kept: Dawn finds a pipeline again only while something holds it. */
  readonly pipelines: GPUComputePipeline[];
}

const devices = new Map<string, Promise<Shared>>();

/**
 * `gpu`, whose adapters give the device that they gave before to whoever asks for the same features and limits. It
 * outlives the engines: `destroy` leaves it, and what they hold they free by themselves. A test that loses its device,
 * or listens to it, opens one of `findGpu()`.
 */
export function shared(gpu: GPU): GPU {
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    return adapter && sharedAdapter(adapter);
  };
  return over(gpu, { requestAdapter });
}

function sharedAdapter(adapter: GPUAdapter): GPUAdapter {
  const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
    const { vendor, architecture, description } = adapter.info;
    const key = JSON.stringify([vendor, architecture, description, descriptor]);
    let one = devices.get(key);
    if (!one) {
      one = adapter.requestDevice(descriptor).then((device) => ({ device, pipelines: [] }));
      devices.set(key, one);
      void one.then(({ device }) => device.lost.then(() => devices.delete(key)));
    }
    return lent(await one);
  };
  return over(adapter, { requestDevice });
}

/** What is asked of `target` goes to it, but for what is given. */
function over<T extends object>(target: T, given: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(given, name)) return Reflect.get(given, name);
      // A platform's object wants to be asked itself.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** As a device of one's own, whose end is the end of what listened to it. */
function lent({ device, pipelines }: Shared): GPUDevice {
  const end = new AbortController();
  const kept = (pipeline: GPUComputePipeline) => {
    pipelines.push(pipeline);
    return pipeline;
  };
  return over(device, {
    createComputePipeline: (descriptor) => kept(device.createComputePipeline(descriptor)),
    createComputePipelineAsync: async (descriptor) =>
      kept(await device.createComputePipelineAsync(descriptor)),
    addEventListener: (type: string, listener: Parameters<GPUDevice['addEventListener']>[1]) =>
      device.addEventListener(type, listener, { signal: end.signal }),
    destroy: () => void end.abort(),
  });
}
