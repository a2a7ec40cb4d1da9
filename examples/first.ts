// An LSTM learns to say again what it heard three steps ago.
import { array, crossEntropy, nn, open, optim } from 'seqgpu';

const engine = await open(); // a GPU, or an error that says why not
console.log(engine.name);

// Shapes:          ids [B, T],   vectors [B, T, 16],      states [B, T, 64],   logits [B, T, 8]
const layers = [new nn.Embedding(8, 16), new nn.LSTM(16, 64), new nn.Linear(64, 8)];
const model = new nn.Sequential(...layers);
const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });

// The first call records forward, backward and update; every call uploads a batch and submits once.
const step = engine.train((ids, wanted) => adam.minimize(crossEntropy(model.forward(ids), wanted)));

for (let i = 1; i <= 150; i++) {
  const heard = Uint32Array.from({ length: 16 * 20 }, () => Math.random() * 8);
  const said = heard.map((_, at) => (at % 20 < 3 ? 0 : heard[at - 3]));
  const loss = step(array([16, 20], heard), array([16, 20], said));
  if (i % 30 === 0) console.log(`step ${i}  loss ${(await loss.item()).toFixed(3)}`);
}
engine.destroy();
