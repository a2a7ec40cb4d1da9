// Dawn's Node binding waits for the GPU by re-arming globalThis.setImmediate in a tight loop, which takes a core
// away from an adapter that computes on the CPU. backOffPolling() lets each wait spin for a moment (a short
// dispatch answers within 50 µs) and then polls from 1 ms timers. Everybody else's setImmediate stays as it is.

const SPIN_MS = 0.2;
const SLEEP_MS = 1;

/** The classes of the package webgpu that are made to poll. */
export type DawnClasses = Record<'GPUBuffer' | 'GPUQueue' | 'GPUDevice', { prototype: object }>;
type Poll = () => void;
type Immediate = (callback: (...args: unknown[]) => void, ...args: unknown[]) => unknown;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Installs the back-off for one set of Dawn globals; the function returned takes it out again. */
export function backOffPolling(dawn: DawnClasses): () => void {
  const arm: Immediate = Reflect.get(globalThis, 'setImmediate');
  let spinUntil = 0;
  let sleeping: { timer: NodeJS.Timeout; poll: Poll } | null = null;

  const backOff: Immediate = (callback, ...args) => {
    if (args.length > 0 || !isNative(callback)) return arm(callback, ...args);
    if (performance.now() < spinUntil) return arm(callback);
    // Two devices may poll at once; only the latest sleeper can be woken early, the other one wakes by its timer.
    const poll = callback as Poll;
    const timer = setTimeout(() => {
      if (sleeping?.timer === timer) sleeping = null;
      poll();
    }, SLEEP_MS);
    sleeping = { timer, poll };
    return timer;
  };

  // A chain of polls outlives the promise it began with, so the binding alone cannot tell where a wait begins.
  const spinAgain = () => {
    spinUntil = performance.now() + SPIN_MS;
    if (!sleeping) return;
    clearTimeout(sleeping.timer);
    arm(sleeping.poll);
    sleeping = null;
  };

  const restore = [
    before(dawn.GPUBuffer.prototype, 'mapAsync', spinAgain),
    before(dawn.GPUQueue.prototype, 'onSubmittedWorkDone', spinAgain),
    before(dawn.GPUDevice.prototype, 'popErrorScope', spinAgain),
  ];
  // util.promisify(setImmediate) reads a symbol from the function.
  const extras = Object.getOwnPropertyDescriptors(arm) as PropertyDescriptorMap;
  for (const own of ['length', 'name', 'prototype']) delete extras[own];
  Reflect.set(globalThis, 'setImmediate', Object.defineProperties(backOff, extras));

  return () => {
    restore.forEach((undo) => undo());
    if (Reflect.get(globalThis, 'setImmediate') === backOff) Reflect.set(globalThis, 'setImmediate', arm);
  };
}

/** Runs `first` ahead of every call of a method; the function returned undoes that. */
function before(prototype: object, name: string, first: () => void): () => void {
  const methods = prototype as Record<string, Method>;
  const method = methods[name];
  methods[name] = function (...args) {
    first();
    return method.apply(this, args);
  };
  return () => void (methods[name] = method);
}

/** Dawn's callbacks are nameless native functions; nobody else passes such a thing to setImmediate. */
function isNative(callback: unknown): boolean {
  return (
    typeof callback === 'function' &&
    callback.name === '' &&
    Function.prototype.toString.call(callback).endsWith('{ [native code] }')
  );
}
