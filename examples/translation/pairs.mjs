// `node examples/translation/pairs.mjs DATA OUT STEPS`: what `seqgpu train eng-fra --seed 1 --steps STEPS` trains on, as
// JSON: the vocabulary, the pairs of every split as symbols, and the batches of every step, so that another framework
// can train on the same. DATA is the data folder, OUT the file. baseline.py reads it.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const kernels = config.plugins.find(({ name }) => name === 'seqgpu:wgsl');
const load = async (path) =>
  (await runnerImport(path, { resolve: config.resolve, plugins: [kernels] })).module;

const [data, out, steps] = process.argv.slice(2);
const { makeSettings } = await load('src/runs/settings.ts');
const { readData } = await load('src/runs/readData.node.ts');
const { engFra } = await load('src/tasks/translation/engFra.ts');
const { groupsOf } = await load('src/data/translation/batches.ts');
const { Random } = await load('src/random.ts');

const settings = makeSettings('eng-fra', 'transformer', { steps: Number(steps) });
const { batch, batchTokens, seed } = settings;
const { content: corpus } = await readData(engFra, settings, { data });
const { coder, shapes } = corpus;

const symbols = ({ pairs }) =>
  Array.from({ length: pairs.count }, (_, i) => [[...pairs.sources.at(i)], [...pairs.targets.at(i)]]);
const texts = (split) => split.texts.map(({ source, target }) => [source, target]);

// As PairEpochs draws them.
const random = new Random(seed).fork('order');
const batches = [];
while (batches.length < Number(steps)) {
  batches.push(
    ...groupsOf(corpus.train.pairs, shapes, { batch, batchTokens }, random).map(({ rows }) => rows),
  );
}

const splits = { train: symbols(corpus.train), valid: symbols(corpus.valid), test: symbols(corpus.test) };
const content = {
  size: coder.size,
  // Symbols below 3 are no tokens; a token is its bytes, in hexadecimal.
  tokens: coder.bytes().map((bytes) => Buffer.from(bytes).toString('hex')),
  ...splits,
  texts: { valid: texts(corpus.valid), test: texts(corpus.test) },
  batches: batches.slice(0, Number(steps)),
};
writeFileSync(out, JSON.stringify(content));
console.log(`${corpus.notes.join('\n')}\n${coder.size} symbols, ${content.batches.length} batches: ${out}`);
