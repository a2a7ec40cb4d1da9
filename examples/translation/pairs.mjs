// `node examples/translation/pairs.mjs DATA OUT [PRESET]`: what `seqgpu train eng-fra --preset PRESET` trains on, as JSON:
// the settings of every model, the vocabulary, the pairs of every split as symbols, and the batches of every step, so
// that another framework can train on the same. DATA is the data folder, OUT the file. baseline.py reads it.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const kernels = config.plugins.find(({ name }) => name === 'seqgpu:wgsl');
const load = async (path) =>
  (await runnerImport(path, { resolve: config.resolve, plugins: [kernels] })).module;

const [data, out, preset = 'small'] = process.argv.slice(2);
const MODELS = ['seq2seq', 'attention-lstm', 'gnmt', 'convs2s', 'transformer'];
const { makeSettings } = await load('src/runs/settings.ts');
const { readData } = await load('src/runs/readData.node.ts');
const { engFra } = await load('src/tasks/translation/engFra.ts');
const { groupsOf } = await load('src/data/translation/batches.ts');
const { Random } = await load('src/random.ts');

const models = Object.fromEntries(MODELS.map((model) => [model, makeSettings('eng-fra', model, { preset })]));
const settings = models.transformer;
const { batch, batchTokens, seed, steps } = settings;
const { content: corpus } = await readData(engFra, settings, { data });
const { coder, shapes } = corpus;

const symbols = ({ pairs }) =>
  Array.from({ length: pairs.count }, (_, i) => [[...pairs.sources.at(i)], [...pairs.targets.at(i)]]);
const texts = (split) => split.texts.map(({ source, target }) => [source, target]);

// As PairEpochs draws them.
const random = new Random(seed).fork('order');
const batches = [];
while (batches.length < steps) {
  batches.push(
    ...groupsOf(corpus.train.pairs, shapes, { batch, batchTokens }, random).map(({ rows }) => rows),
  );
}

const splits = { train: symbols(corpus.train), valid: symbols(corpus.valid), test: symbols(corpus.test) };
const content = {
  models,
  size: coder.size,
  // Symbols below 3 are no tokens; a token is its bytes, in hexadecimal.
  tokens: coder.bytes().map((bytes) => Buffer.from(bytes).toString('hex')),
  ...splits,
  texts: { valid: texts(corpus.valid), test: texts(corpus.test) },
  batches: batches.slice(0, steps),
};
writeFileSync(out, JSON.stringify(content));
console.log(`${corpus.notes.join('\n')}\n${coder.size} symbols, ${content.batches.length} batches: ${out}`);
