// The worker: a device of its own, and a training that stops when it is told to.
import { array, meanSquaredError, nn, open, optim } from 'seqgpu';

/** What the page says. */
export type Order = { do: 'train'; steps: number } | { do: 'stop' };
/** What it is told. */
export type News = { step: number; loss: number } | { done: Float32Array<ArrayBuffer> };

let stopped = false;
const tell = (news: News, transfer: Transferable[] = []) => self.postMessage(news, { transfer });

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  if (data.do === 'stop') return void (stopped = true);
  const engine = await open();
  const layer = new nn.Linear(3, 1);
  const sgd = new optim.SGD(layer.parameters(), { learningRate: 0.1 });
  const step = engine.train((x, y) => sgd.minimize(meanSquaredError(layer.forward(x), y)));
  const x = array([4, 3], [1, 2, 0, 0, 1, 1, 2, 0, 1, 1, 1, 1]);
  const y = array([4, 1], [5, 3, 4, 5]);
  for (let i = 1; i <= data.steps && !stopped; i++) {
    const loss = step(x, y);
    // `await` is also when messages arrive: without it nobody could stop the loop.
    if (i % 50 === 0) tell({ step: i, loss: await loss.item() });
  }
  // Numbers go to the page without being copied.
  const weights = Float32Array.from((await engine.read(layer.weight)) as Float32Array);
  tell({ done: weights }, [weights.buffer]);
  engine.destroy();
};
