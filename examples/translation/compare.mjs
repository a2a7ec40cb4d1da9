// `node examples/translation/compare.mjs RUNS LOGS`: the folders of `seqgpu train eng-fra --preset small`, one a model in
// RUNS/MODEL, RUNS/MODEL-2 and RUNS/MODEL-3 by seed, those with `--truncate K` in RUNS/MODEL-kK, beside what baseline.py printed, in LOGS/torch-MODEL-SEED.log; what
// `seqgpu study context --run` found of them, in RUNS/context/MODEL…; what `seqgpu eval RUNS/MODEL… --split test --beam 5
// --json` printed, in RUNS/beam/MODEL….json; and the runs on dates of RUNS/depth. Writes ../results/eng-fra/results.json,
// depth.json and the tables of README.md; results of seeds that RUNS and LOGS lack stay. Without arguments: the tables again, of these
// files.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const file = join(here, '../results/eng-fra/results.json');
const deep = join(here, 'depth.json');
const page = join(here, 'README.md');
const NAMES = {
  seq2seq: 'LSTM without attention',
  'attention-lstm': 'LSTM with attention',
  gnmt: 'GNMT',
  convs2s: 'ConvS2S',
  transformer: 'Transformer',
};

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** What a run says of its test split, and how it was made. */
function ours(runs, name) {
  const run = read(join(runs, name, 'results.json'));
  const { parameters, steps, test, seconds, adapter, version, date, settings } = run;
  const { 'perplexity of subwords': perplexity, 'BLEU greedy': bleu } = test;
  const made = { parameters, steps, seed: settings.seed, perplexity, bleu, seconds, adapter, version, date };
  const beam = join(runs, 'beam', `${name}.json`);
  const context = join(runs, 'context', name, 'results.json');
  return {
    ...made,
    ...(existsSync(beam) && { beam: beamIn(readFileSync(beam, 'utf8'), name) }),
    ...(existsSync(context) && { inSight: inSight(read(context)) }),
  };
}

/** BLEU of five beams on test, of the last line that `eval --json` has printed. */
export function beamIn(text, name) {
  const { test } = JSON.parse(text.trim().split('\n').at(-1));
  const bleu = test?.['BLEU of 5 beams'];
  if (bleu === undefined)
    throw new Error(`beam/${name}.json has no BLEU of 5 beams: eval with --split test --beam 5.`);
  return bleu;
}

/** Nats per token of the validation data by the target tokens in sight; the last are all. */
function inSight({ rows, cells: [{ version }] }) {
  const shown = rows.filter(({ setting }) => setting.startsWith('last '));
  return { version, nats: Object.fromEntries(shown.map(({ setting, ours }) => [setting.slice(5), ours])) };
}

/** A run on dates, by how its layers are stacked. */
function stacked(folder) {
  const { parameters, steps, test, settings, adapter, version, date } = read(join(folder, 'results.json'));
  const { residual = true, levels, learningRate, seed } = settings;
  const { 'nats per character': nats, 'exact match': exact } = test;
  return { residual, levels, learningRate, seed, parameters, steps, nats, exact, adapter, version, date };
}

/** The last line of a log of baseline.py. */
function torch(log) {
  const line = readFileSync(log, 'utf8').trim().split('\n').at(-1);
  if (!line.startsWith('{')) return [];
  const { parameters, steps, seed, testPerplexity, bleuAllReferences, torch: version } = JSON.parse(line);
  return [{ parameters, steps, seed, perplexity: testPerplexity, bleu: bleuAllReferences, version }];
}

/** What models that were trained on the last k target tokens say, by k: what was known of each, or is found of it now. */
function trainedCut(runs, model, known = []) {
  const found = readdirSync(runs).filter((name) => new RegExp(`^${model}-k\\d+$`).test(name));
  const made = found.map((name) => ({ truncate: Number(name.split('-k').at(-1)), ...ours(runs, name) }));
  return latest('truncate', known, made);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values, digits) => {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = mean(values).toFixed(digits);
  return values.length > 1 ? `${middle} (${least.toFixed(digits)} to ${most.toFixed(digits)})` : middle;
};

/** Rows of the models that both have. */
export function tableOf(results) {
  const searched = Object.values(results).some(({ ours }) => ours.some(({ beam }) => beam !== undefined));
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
      ...(searched
        ? [
            of(
              ours.filter(({ beam }) => beam !== undefined),
              'beam',
              1,
            ),
          ]
        : []),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const [name, rule] = searched ? [' five beams, ours |', ' --- |'] : ['', ''];
  return `| | parameters | seeds: ours, PyTorch | perplexity, ours | PyTorch | BLEU, ours | PyTorch |${name}
| --- | --- | --- | --- | --- | --- | --- |${rule}
${rows.join('\n')}`;
}

/** Losses by the target tokens in sight, the means over seeds. */
export function sightsOf(results) {
  const known = Object.entries(results).flatMap(([model, { ours, cut = [] }]) => {
    const runs = ours.flatMap(({ inSight: found }) => found?.nats ?? []);
    const all = runs.length ? [[NAMES[model], runs]] : [];
    return [
      ...all,
      ...cut.map(({ truncate, inSight: { nats } }) => [
        `${NAMES[model]}, trained on the last ${truncate}`,
        [nats],
      ]),
    ];
  });
  const sights = Object.keys(known[0][1][0]);
  const rows = known.map(([name, runs]) => {
    const means = sights.map((k) => (k in runs[0] ? mean(runs.map((run) => run[k])).toFixed(2) : ''));
    return `| ${[name, runs.length, ...means].join(' | ')} |`;
  });
  const last = sights.length - 1;
  return `| | seeds | ${sights.map((k, i) => (i === last ? `all ${k}` : `last ${k}`)).join(' | ')} |
| --- | --- | ${sights.map(() => '---').join(' | ')} |
${rows.join('\n')}`;
}

/** Six layers with residual sums and without, a line for each rate and stack. */
export function depthTable(runs) {
  const lines = new Map();
  for (const run of runs) {
    const head = `${run.residual ? 'residual' : 'plain'} | ${run.learningRate}`;
    lines.set(head, [...(lines.get(head) ?? []), run]);
  }
  const rows = [...lines].map(([head, own]) => {
    const of = (value, digits) => spread(own.map(value), digits);
    const cells = [head, own.length, of(({ nats }) => nats, 3), of(({ exact }) => 100 * exact, 1)];
    return `| ${cells.join(' | ')} |`;
  });
  return `| layers | rate | seeds | nats per character | exact, % |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

/** The page with this table in its place. */
function placed(text, name, table) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = text.split(begin);
  return `${before}${begin}\n\n${table}\n\n${end}${rest.split(end)[1]}`;
}

/** What was known of each value of a key, or what is found of it now. */
const latest = (key, known, found) =>
  [...new Map([...known, ...found].map((run) => [run[key], run])).values()].sort((a, b) => a[key] - b[key]);

/** What was known of each seed, or what is found of it now. */
export const bySeed = (known, found) => latest('seed', known, found);

/** Runs by model, and beside them PyTorch's: those that are there, and of other seeds those that `known` has. */
function collected(runs, logs, known) {
  const results = {};
  for (const model of Object.keys(NAMES)) {
    const names = [model, ...[2, 3].map((seed) => `${model}-${seed}`)];
    const done = names.filter((name) => existsSync(join(runs, name, 'results.json')));
    const found = readdirSync(logs).filter((name) => new RegExp(`^torch-${model}-\\d+\\.log$`).test(name));
    const before = known[model] ?? { ours: [], torch: [] };
    if (!done.length && !before.ours.length) continue;
    const cut = trainedCut(runs, model, before.cut);
    results[model] = {
      ...(cut.length && { cut }),
      ours: bySeed(
        before.ours,
        done.map((name) => ours(runs, name)),
      ),
      torch: bySeed(
        before.torch,
        found.flatMap((name) => torch(join(logs, name))),
      ),
    };
  }
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runs, logs] = process.argv.slice(2);
  const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  if (runs) {
    write(file, collected(runs, logs, existsSync(file) ? read(file) : {}));
    const depth = join(runs, 'depth');
    const done = existsSync(depth) ? readdirSync(depth).sort() : [];
    const folders = done
      .map((name) => join(depth, name))
      .filter((one) => existsSync(join(one, 'results.json')));
    if (folders.length) write(deep, folders.map(stacked));
  }
  const results = read(file);
  const tables = { table: tableOf(results), sights: sightsOf(results), depth: depthTable(read(deep)) };
  const text = Object.entries(tables).reduce(
    (page, [name, table]) => placed(page, name, table),
    readFileSync(page, 'utf8'),
  );
  writeFileSync(page, text);
  console.log(Object.values(tables).join('\n\n'));
}
