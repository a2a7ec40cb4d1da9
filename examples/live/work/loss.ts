// A device that is lost behind a worker's back: told in the page, and opened again.

import type { Engine } from '../../../src/gpu/engine';
import { surviving } from '../../../src/train/survival';
import type { Answer } from './messages';

/** Tells when the device that an engine has now is lost, whoever has destroyed it. */
export function watchDevice(engine: Engine, tell: (answer: Answer) => void): void {
  void engine.device.lost.then(({ reason, message }) => {
    // Not where the engine itself has ended it.
    if (engine.isLost)
      tell({ at: 'lost', message: `The GPU was lost (${reason}): ${message} It is opened again.` });
  });
}

/** Does something that can be done twice, and again on another device where the first is lost meanwhile. */
export async function onAnyDevice<T>(
  engine: Engine,
  tell: (answer: Answer) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { device } = engine;
  try {
    return await surviving(engine, 'reopen', work);
  } finally {
    if (engine.device !== device) watchDevice(engine, tell);
  }
}
