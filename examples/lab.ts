// A stable RNN learns an echo; then: how large must k be, and is the feed-forward model of k inputs as good?
import { array, crossEntropy, nn, open, optim } from 'seqgpu';
import { howLargeMustKBe, truncate } from 'seqgpu/lab';

const engine = await open();
nn.seed(1);
const [rnn, head] = [new nn.RNN(8, 32), new nn.Linear(32, 8)];
const stable = optim.spectralNorm(rnn.namedParameters().get('weight_hh_l0')!, 0.9); // ‖W‖₂ ≤ 0.9, always
const parameters = [...rnn.parameters(), ...head.parameters()];
const adam = new optim.Adam(parameters, { learningRate: 1e-2, constraints: [stable] });
const step = engine.train((x, y) => adam.minimize(crossEntropy(head.forward(rnn.forward(x)), y)));

function batch(seed: number) {
  const heard = Uint32Array.from({ length: 16 * 20 }, (_, i) => (Math.sin(seed + i * i) + 1) * 4);
  const said = heard.map((_, at) => (at % 20 < 2 ? 0 : heard[at - 2]));
  const oneOf8 = Float32Array.from({ length: 8 * heard.length }, (_, i) => +(heard[i >> 3] === i % 8));
  return [array([16, 20, 8], oneOf8), array([16, 20], said)] as const;
}
for (let i = 1; i <= 60; i++) step(...batch(i));

const [x, y] = batch(0);
const { text, measured } = await howLargeMustKBe(engine, rnn, 0.1, x);
console.log(text);
for (const model of [rnn, truncate(rnn, measured.k ?? 20), truncate(rnn, 1)]) {
  const loss = engine.record((v, wanted) => crossEntropy(head.forward(model.forward(v)), wanted));
  console.log(`${model.constructor.name}: loss ${(await loss(x, y).item()).toFixed(3)}`);
}
engine.destroy();
