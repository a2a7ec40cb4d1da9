// The page: starts a worker that trains, shows what it tells, and can stop it. The page itself never waits.
import type { News, Order } from './worker';

const say = (text: string) => void (document.querySelector('#said')!.textContent = text);

export const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const order = (what: Order) => worker.postMessage(what);

worker.onmessage = ({ data }: MessageEvent<News>) => {
  if ('done' in data) {
    say(`weights ${[...data.done].map((w) => w.toFixed(2)).join(', ')}`);
    worker.terminate(); // gives back its device, and all memory on it
  } else say(`step ${data.step}, loss ${data.loss.toExponential(1)}`);
};
worker.onerror = ({ message }) => say(message);
document.querySelector('#stop')!.addEventListener('click', () => order({ do: 'stop' }));
order({ do: 'train', steps: 500 });
