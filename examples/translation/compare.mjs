// `node examples/translation/compare.mjs RUNS LOGS`: the folders of `seqgpu train eng-fra --preset small`, one a model in
// RUNS/MODEL, beside what baseline.py printed, in LOGS/torch-MODEL-SEED.log: writes results.json and the table of
// README.md. Without arguments: the table again, of results.json.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const file = join(here, 'results.json');
const page = join(here, 'README.md');
const NAMES = {
  seq2seq: 'LSTM without attention',
  'attention-lstm': 'LSTM with attention',
  gnmt: 'GNMT',
  convs2s: 'ConvS2S',
  transformer: 'Transformer',
};
const BEGIN = '<!-- table -->';
const END = '<!-- end of table -->';

/** What a run says of its test split, and how it was made. */
function ours(folder) {
  const run = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8'));
  const { parameters, steps, test, seconds, adapter, version, date, settings } = run;
  const { 'perplexity of subwords': perplexity, 'BLEU greedy': bleu } = test;
  return { parameters, steps, seed: settings.seed, perplexity, bleu, seconds, adapter, version, date };
}

/** The last line of a log of baseline.py. */
function torch(log) {
  const line = readFileSync(log, 'utf8').trim().split('\n').at(-1);
  if (!line.startsWith('{')) return [];
  const { parameters, steps, seed, testPerplexity, bleuAllReferences, torch: version } = JSON.parse(line);
  return [{ parameters, steps, seed, perplexity: testPerplexity, bleu: bleuAllReferences, version }];
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values, digits) => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = mean(values).toFixed(digits);
  return values.length > 1 ? `${middle} (${least.toFixed(digits)} to ${most.toFixed(digits)})` : middle;
};

/** Rows of the models that both have. */
export function tableOf(results) {
  const rows = Object.entries(results).map(([model, { ours, torch }]) => {
    const of = (runs, key, digits) =>
      runs.length
        ? spread(
            runs.map((run) => run[key]),
            digits,
          )
        : '';
    const seeds = `${ours.length}, ${torch.length}`;
    const cells = [
      NAMES[model],
      ours[0].parameters.toLocaleString('en'),
      seeds,
      of(ours, 'perplexity', 2),
      of(torch, 'perplexity', 2),
      of(ours, 'bleu', 1),
      of(torch, 'bleu', 1),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `| | parameters | seeds: ours, PyTorch | perplexity, ours | PyTorch | BLEU, ours | PyTorch |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runs, logs] = process.argv.slice(2);
  if (runs) {
    const results = {};
    for (const model of Object.keys(NAMES)) {
      const folders = [model, ...[2, 3].map((seed) => `${model}-${seed}`)].map((name) => join(runs, name));
      const done = folders.filter((folder) => existsSync(join(folder, 'results.json')));
      const found = readdirSync(logs).filter((name) => new RegExp(`^torch-${model}-\\d+\\.log$`).test(name));
      if (!done.length) continue;
      results[model] = { ours: done.map(ours), torch: found.flatMap((name) => torch(join(logs, name))) };
    }
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  }
  const table = tableOf(JSON.parse(readFileSync(file, 'utf8')));
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  writeFileSync(page, `${before}${BEGIN}\n\n${table}\n\n${END}${rest.split(END)[1]}`);
  console.log(table);
}
