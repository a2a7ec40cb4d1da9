// In a page: an LSTM learns to say again what it heard three steps ago, and the page shows how far it is.
import { array, crossEntropy, nn, open, optim } from 'seqgpu';

const say = (text: string) => void (document.querySelector('#said')!.textContent = text);

export async function train(steps: number) {
  const engine = await open(); // a GPU, or an error that says why not
  const layers = [new nn.Embedding(8, 16), new nn.LSTM(16, 64), new nn.Linear(64, 8)];
  const model = new nn.Sequential(...layers);
  const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
  const step = engine.train((ids, wanted) => adam.minimize(crossEntropy(model.forward(ids), wanted)));

  for (let i = 1; i <= steps; i++) {
    const heard = Uint32Array.from({ length: 16 * 20 }, () => Math.random() * 8);
    const said = heard.map((_, at) => (at % 20 < 3 ? 0 : heard[at - 3]));
    const loss = step(array([16, 20], heard), array([16, 20], said));
    // Asking for the loss waits for the GPU, and lets the page draw: now and then is enough.
    if (i % 10 === 0) say(`${engine.name}: step ${i}, loss ${(await loss.item()).toFixed(3)}`);
  }
  engine.destroy();
}

train(150).catch((error: Error) => say(error.message));
