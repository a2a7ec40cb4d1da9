// Numbers of one's own: columns of a CSV become windows, and a GRU foresees the next value.
import { array, meanSquaredError, nn, open, optim, type Tensor } from 'seqgpu';
import { fit } from 'seqgpu/train';

// In place of `await readFile('load.csv', 'utf8')`, or of a file that was dropped onto a page.
const rows = Array.from({ length: 800 }, (_, hour) => {
  const load = 50 + 20 * Math.sin(hour / 3.8) + 9 * Math.sin(hour / 1.3);
  return `${hour},${load.toFixed(2)}`;
});
const csv = ['hour,load', ...rows].join('\n');

const load = csv
  .trim()
  .split('\n')
  .slice(1)
  .map((row) => Number(row.split(',')[1]));

// Split by time, and scale by what the training part has: what comes later must not be known.
const split = Math.floor(load.length * 0.8);
const past = load.slice(0, split);
const mean = past.reduce((a, b) => a + b) / past.length;
const spread = Math.sqrt(past.reduce((a, b) => a + (b - mean) ** 2, 0) / past.length);
const scaled = Float32Array.from(load, (value) => (value - mean) / spread);

// Windows of T steps, and the same a step later: shapes [B, T, 1]. Shapes stay the same from call to call.
const [B, T] = [16, 32];
function batch(starts: readonly number[]) {
  const at = (shift: number) =>
    Float32Array.from({ length: B * T }, (_, i) => scaled[starts[Math.floor(i / T)] + (i % T) + shift]);
  return [array([B, T, 1], at(0)), array([B, T, 1], at(1))] as const;
}
const drawn = () => Array.from({ length: B }, () => Math.floor(Math.random() * (split - T)));
const later = Array.from({ length: B }, (_, i) => split + i * 7);

const engine = await open();
const model = new nn.Sequential(new nn.GRU(1, 24), new nn.Linear(24, 1));
const optimizer = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
const lossOf = (x: Tensor, y: Tensor) => meanSquaredError(model.forward(x), y);
const step = engine.train((x, y) => optimizer.minimize(lossOf(x, y)));
const measure = engine.record(lossOf);

const source = () => batch(drawn());
const evaluate = () => measure(...batch(later)).item();
await fit({ engine, step, optimizer, source, steps: 150, evaluate, evaluateEvery: 50 });

// What costs nothing to beat: the next value is this one.
const same = later.flatMap((start) => Array.from({ length: T }, (_, i) => start + i));
const naive = same.reduce((sum, i) => sum + (scaled[i + 1] - scaled[i]) ** 2, 0) / same.length;
console.log(`the last value again: ${naive.toFixed(4)}, the GRU: ${(await evaluate()).toFixed(4)}`);
engine.destroy();
