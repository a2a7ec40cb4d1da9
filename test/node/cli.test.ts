// The command line as far as it needs no GPU: words, settings, the folder of a run, tables and the report.

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SeqgpuError } from '../../src/graph/check';
import { only } from '../../src/graph/options';
import { Random } from '../../src/random';
import { readCommand } from '../../src/cli/commands';
import { remarkOn } from '../../src/cli/demo.node';
import { nearest } from '../../src/spec/words';
import { inShort, type Outcome } from '../../src/runs/outcome';
import { factsOf } from '../../src/cli/train/outcomeFacts.node';
import { presetOf } from '../../src/runs/presets';
import { tunedModels } from '../harness/tuned';
import { TABLES } from '../../src/runs/tables';
import { lossInMetric } from '../../src/cli/train/lossInMetric';
import { Progresses } from '../../src/cli/train/progress.node';
import { reportPage } from '../../src/cli/train/report.node';
import { RunFolder } from '../../src/runs/runFolder.node';
import { commandFor, makeSettings, readSettings, resumeSettings, warningsOn } from '../../src/runs/settings';
import { duration, numericColumns, significant, table } from '../../src/report/text.node';
import { fieldOf } from '../../src/nn/bodies';
import { NETS } from '../../src/nn/gatedConv/gatedConvPresets';
import { SEQUENCE_RULES, SequenceModel } from '../../src/nn/sequenceModel';
import { leadOf } from '../../src/tasks/text/languageModelling';
import { SoundModel } from '../../src/models/soundModel';
import type { Stored } from '../../src/train/safetensors';
import { messageOf } from '../harness/message';

/** The message that a command line ends with before anything is done; several spaces are one. */
const complaint = (line: string) => messageOf(() => readCommand(line.split(' ').filter(Boolean)));

describe('words', () => {
  test('the nearest word, when it is near', () => {
    expect(nearest('trian', ['train', 'data'])).toBe('train');
    expect(nearest('LSTM', ['tcn', 'lstm'])).toBe('lstm');
    expect(nearest('transformer', ['tcn', 'lstm'])).toBeNull();
  });

  test('an unknown command', () => {
    expect(complaint('trian copy')).toMatchInlineSnapshot(`
      "seqgpu: the command "trian" is unknown.
          known: demo, live, train, generate, translate, classify, eval, study, claims, search, worker, data, doctor, bench, tune, help
          fix: did you mean train?"
    `);
  });

  test('an unknown task', () => {
    expect(complaint('train jbs --model tcn')).toMatchInlineSnapshot(`
      "train: the task "jbs" is unknown.
          known: copy, adding, mnist, mnist-permuted, jsb, nottingham, wikitext2, wikitext2-chars, shakespeare, digits, recognition, speech, text, music, sound, series, classification, dates, eng-fra, translation
          fix: did you mean jsb?"
    `);
  });

  test('no task', () => {
    expect(complaint('train --model tcn')).toMatchInlineSnapshot(`
      "train: the task is missing.
          fix: give one of copy, adding, mnist, mnist-permuted, jsb, nottingham, wikitext2, wikitext2-chars, shakespeare, digits, recognition, speech, text, music, sound, series, classification, dates, eng-fra, translation."
    `);
  });

  test('two tasks', () => {
    expect(complaint('train copy adding --model tcn')).toMatchInlineSnapshot(`
      "train: one task at a time; "adding" is too much.
          fix: values follow their --flag."
    `);
  });

  test('an unknown model', () => {
    expect(complaint('train copy --model ltsm')).toMatchInlineSnapshot(`
      "--model "ltsm" is unknown.
          known: tcn, lstm, gru, rnn, mingru, minlstm, gcnn, transformer, wavenet, seq2seq, attention-lstm, gnmt, convs2s
          fix: did you mean lstm?"
    `);
  });

  test('no model', () => {
    expect(complaint('train copy')).toMatchInlineSnapshot(`
      "train: --model is missing.
          fix: give one of tcn, lstm, gru, rnn, mingru, minlstm, gcnn, transformer, wavenet, seq2seq, attention-lstm, gnmt, convs2s."
    `);
  });

  test('an unknown option', () => {
    expect(complaint('train copy --model tcn --hiden 3')).toMatch(
      /no option --hiden[^]*did you mean --hidden\?/,
    );
  });

  test('of very many options the nearest is told, and they are not listed', () => {
    expect(complaint('train copy --model lstm --lr 0.01')).toBe(
      'train: there is no option --lr.\n    fix: did you mean --learning-rate?',
    );
    expect(complaint('search copy --model lstm --qqq 1')).toBe(
      'search: there is no option --qqq.\n    fix: see `npx seqgpu help search`.',
    );
  });

  test.each(['train', 'search'])(
    '%s: whether an option goes with the rest is told before its value',
    (verb) => {
      expect(complaint(`${verb} copy --model lstm --rate 0.01`)).toMatch(
        /^--rate does not go with copy\.\n {4}fix: did you mean --learning-rate\? If not, leave it out: it is for sound and classification\.$/,
      );
      expect(complaint(`${verb} copy --model lstm --kernel-size many`)).toMatch(
        /^--kernel-size does not go with --model lstm/,
      );
      expect(complaint(`${verb} copy --model lstm --learning-rate fast`)).toMatch(/does not fit/);
    },
  );

  test('an option without its value', () => {
    expect(complaint('train copy --model tcn --steps')).toMatchInlineSnapshot(`
      "train: --steps needs a value: a whole number of at least 1.
          fix: --steps VALUE; --steps=VALUE, where it begins with a dash."
    `);
  });

  test('an option with a value it does not take, or with another option for a value', () => {
    expect(complaint('train copy --model tcn --json=yes')).toContain('--json takes no value');
    expect(complaint('train copy --model tcn --steps --json')).toMatch(
      /^train: --steps needs a value: a whole number of at least 1\.\n/,
    );
  });

  test.each(['0.9', '0.9,1', 'a,b', '0.9,0.98,0.5'])('--betas=%s', (value) => {
    expect(complaint(`train copy --model tcn --betas=${value}`)).toContain('two numbers from 0');
  });

  test.each(['0', '-3', '1.5', 'ten', '1e400', '0x10', ''])('--steps=%s', (value) => {
    expect(complaint(`train copy --model tcn --steps=${value}`)).toContain('whole number of at least 1');
  });

  test.each(['1', '-0.1', 'NaN'])('--dropout=%s', (value) => {
    expect(complaint(`train copy --model tcn --dropout=${value}`)).toContain('from 0 up to');
  });

  test.each(['-1', '4294967296', '1.5'])('--seed=%s', (value) => {
    expect(complaint(`train copy --model tcn --seed=${value}`)).toContain('0 to 4294967295');
  });

  test('options that do not go together', () => {
    const train = (rest: string) => complaint(`train ${rest}`).split('\n')[0];
    expect(train('copy --model lstm --kernel-size 3')).toMatchInlineSnapshot(
      `"--kernel-size does not go with --model lstm."`,
    );
    expect(train('copy --model tcn --epochs 3')).toMatchInlineSnapshot(`"--epochs does not go with copy."`);
    expect(train('jsb --model tcn --epochs 3 --steps 3')).toMatchInlineSnapshot(
      `"--epochs does not go with --steps."`,
    );
    expect(train('jsb --model tcn --length 3')).toMatchInlineSnapshot(`"--length does not go with jsb."`);
    expect(train('copy --model tcn --momentum 0.9')).toMatchInlineSnapshot(
      `"--momentum does not go with --optimizer adam."`,
    );
    expect(train('copy --model tcn --momentum 0.9 --optimizer sgd')).toBe('no complaint');
  });

  test('options and models of text', () => {
    const train = (rest: string) => complaint(`train ${rest}`).split('\n')[0];
    expect(train('copy --model lstm --bptt 3')).toMatchInlineSnapshot(`"--bptt does not go with copy."`);
    expect(train('wikitext2 --model lstm --length 3')).toMatchInlineSnapshot(
      `"--length does not go with wikitext2."`,
    );
    expect(train('wikitext2 --model tcn')).toBe('no complaint');
    expect(complaint('train wikitext2 --model gru --preset published')).toMatchInlineSnapshot(`
      "There are no published settings for wikitext2 with --model gru.
          fix: use --model tcn or lstm or rnn or gcnn or transformer, or leave --preset out."
    `);
    expect(train('wikitext2 --model rnn --preset published --resume')).toMatchInlineSnapshot(
      `"--preset does not go with --resume."`,
    );
    expect(train('wikitext2 --model gcnn --preset gcnn-9')).toBe('--preset "gcnn-9" is unknown.');
    expect(complaint('train wikitext2 --model gcnn --preset gcnn-9')).toContain(
      'known: default, published, gcnn-8, gcnn-13, gcnn-14, gcnn-14b',
    );
    expect(complaint('train wikitext2 --model lstm --preset gcnn-8')).toContain('fix: use --model gcnn,');
    expect(train('wikitext2 --model gcnn --preset gcnn-8 --levels 9')).toMatchInlineSnapshot(
      `"--levels does not go with --preset gcnn-8."`,
    );
    expect(train('wikitext2 --model rnn --plateau-factor 0.5')).toMatchInlineSnapshot(
      `"--plateau-factor does not go with --schedule linear."`,
    );
    expect(train('wikitext2 --model rnn --carry no')).toMatchInlineSnapshot(`"--carry: "no" does not fit."`);
    expect(train('wikitext2 --model rnn --cutoffs 10,-1')).toContain('does not fit');
    expect(train('wikitext2 --model rnn --carry false --tied true --cutoffs 0 --epochs 2')).toBe(
      'no complaint',
    );
  });

  test('words that other commands do not take', () => {
    expect(complaint('doctor now')).toMatchInlineSnapshot(`
      "doctor: "now" is too much.
          fix: it takes only flags."
    `);
    expect(complaint('demo --model tcn')).toContain('no option --model');
    expect(complaint('data jsb nottingham')).toContain('one name at a time');
    expect(complaint('data jbs')).toContain('did you mean jsb?');
  });

  test('options of a transformer', () => {
    const train = (words: string) => complaint(`train wikitext2-chars ${words}`).split('\n')[0];
    expect(train('--model transformer --heads 2 --norm post --warmup 9 --smoothing 0.2')).toBe(
      'no complaint',
    );
    expect(train('--model lstm --heads 2')).toBe('--heads does not go with --model lstm.');
    expect(train('--model transformer --embedding 8')).toContain('does not go with --model transformer');
    expect(train('--model transformer --schedule drop --warmup 9')).toContain('with --schedule drop');
    expect(train('--model transformer --stable 0.9')).toContain('--stable does not go with');
    expect(complaint('train copy --model transformer')).toBe('no complaint');
    expect(complaint('train copy --model transformer --preset published')).toContain(
      'no published settings for copy',
    );
    expect(complaint('train jsb --model transformer --smoothing 0.1')).toContain('it is for text');
    const settings = makeSettings('wikitext2-chars', 'transformer', { steps: 5, norm: 'post' });
    expect(readSettings(JSON.parse(JSON.stringify(settings)), 'settings.json')).toEqual(settings);
    expect(settings).toMatchObject({ heads: 4, norm: 'post', schedule: 'warmup' });
    const published = makeSettings('wikitext2', 'transformer', { steps: 5, preset: 'published' });
    expect(published).toMatchObject({ hidden: 512, levels: 6, heads: 8, feedForward: 2048, smoothing: 0.1 });
  });
});

describe('settings', () => {
  const chorales = { pieces: 229, sha256: 'published' };

  test('what only a gcnn has, and what it has not', () => {
    const gcnn = 'train wikitext2-chars --model gcnn';
    expect(complaint(`${gcnn} --carry false`)).toContain('--carry does not go with --model gcnn');
    expect(complaint(`${gcnn} --tied true`)).toContain('--tied does not go with --model gcnn');
    expect(complaint(`${gcnn} --activation swish`)).toMatch(/known: glu, gtu/);
    expect(complaint(`${gcnn} --nesterov true`)).toContain('--nesterov does not go with --optimizer adam');
    expect(complaint('train wikitext2 --model lstm --activation glu')).toContain('only a gcnn has it');
    expect(complaint('train copy --model lstm --residual-gain 1')).toContain('only a tcn has it');
    const given = { activation: 'gtu', optimizer: 'sgd', nesterov: true, kernelSize: 3 };
    const settings = makeSettings('wikitext2-chars', 'gcnn', given, { tokens: 1e6, sha256: 'published' });
    expect(settings).toMatchObject(given);
    expect(leadOf(settings)).toBe(2 * settings.levels);
    expect(leadOf({ ...settings, model: 'lstm' })).toBe(0);
    expect(readSettings(JSON.parse(JSON.stringify(settings)), 'a file')).toEqual(settings);
  });

  test('sound: its flags, its epochs, and models that are about equally large', () => {
    const wavenet = 'train digits --model wavenet';
    expect(complaint(`${wavenet} --speaker theo`)).toMatch(/known: jackson, george, both/);
    expect(complaint(`${wavenet} --condition age`)).toMatch(/known: none, digit, speaker, both/);
    expect(complaint(`${wavenet} --embedding 8`)).toContain(
      '--embedding does not go with --model wavenet on digits',
    );
    expect(complaint(`${wavenet} --preset best`)).toMatch(/known: default, published/);
    expect(complaint('train digits --model lstm --stacks 2')).toContain('only a wavenet has it');
    expect(complaint('train digits --model lstm --preset published')).toContain('use --model wavenet');
    expect(complaint('train digits --model lstm --bptt 5')).toContain('it is for text');
    expect(complaint('train jsb --model lstm --speaker both')).toContain('it is for sound');
    expect(complaint('train copy --model lstm --embedding 5')).toContain(
      'it is for text, sound, classification and translation',
    );
    const facts = { samples: { jackson: 1000, george: 500 }, sha256: 'published' };
    const given = { epochs: 2, batch: 10, length: 10, speaker: 'george', condition: 'digit', stacks: 2 };
    const settings = makeSettings('digits', 'wavenet', given, facts);
    expect(settings).toMatchObject({ steps: 10, speaker: 'george', condition: 'digit', stacks: 2 });
    expect(readSettings(JSON.parse(JSON.stringify(settings)), 'a file')).toEqual(settings);
    expect(commandFor(settings, facts)).toContain('--speaker george');
    expect(makeSettings('digits', 'wavenet', {}, facts).steps).toBe(600);
    const sizes = tunedModels('digits').map(
      (model) => new SoundModel(makeSettings('digits', model, {}, facts), { longest: 8192 }).size,
    );
    for (const size of sizes) expect(Math.abs(size / 111_520 - 1)).toBeLessThan(0.03);
    const published = makeSettings('digits', 'wavenet', { preset: 'published', condition: 'none' }, facts);
    // All but what its last layer cannot use.
    expect(new SoundModel(published, { longest: 8192 }).size).toBe(1_515_968 - 1056);
  });

  test('every preset can be built, and models of one task are equally large', () => {
    const sizes = (['copy', 'adding', 'mnist'] as const).map((task) =>
      tunedModels(task).map((model) => {
        const [inputs, outputs] = task === 'adding' ? [2, 1] : [1, 10];
        return new SequenceModel(
          inputs,
          outputs,
          only(SEQUENCE_RULES, { ...makeSettings(task, model, {}), model }),
        ).size;
      }),
    );
    expect(sizes).toEqual([
      [8506, 8352, 8460, 8524],
      [11761, 11701, 11581, 11767],
      [61714, 61236, 61470, 61720],
    ]);
    for (const { name: task } of TABLES.tasks)
      for (const model of tunedModels(task)) expect(presetOf(task, model).hidden).toBeGreaterThan(0);
    expect(tunedModels('copy')).toEqual(['tcn', 'lstm', 'gru', 'rnn']);
    expect(tunedModels('jsb')).toEqual(['tcn', 'lstm', 'gru', 'rnn', 'gcnn', 'transformer']);
    expect(tunedModels('wikitext2')).toEqual(['tcn', 'lstm', 'gru', 'rnn', 'gcnn', 'transformer']);
  });

  test('flags override the preset; an epoch is what the data says', () => {
    const settings = makeSettings(
      'jsb',
      'tcn',
      { epochs: 3, hidden: 7, schedule: 'constant', betas: [0.8, 0.9] },
      chorales,
    );
    expect(settings).toMatchObject({
      steps: 174,
      evaluateEvery: 58,
      hidden: 7,
      seed: 1,
      kernelSize: 3,
      betas: [0.8, 0.9],
    });
    expect(settings).not.toHaveProperty('schedule');
    expect(makeSettings('jsb', 'tcn', { batch: 229, epochs: 2 }, chorales).steps).toBe(2);
    expect(makeSettings('copy', 'tcn', { steps: 3 }).steps).toBe(3);
  });

  test('settings as the command line that gives them', () => {
    const settings = makeSettings('jsb', 'tcn', { epochs: 2, schedule: 'constant', seed: 5 }, chorales);
    const command = 'npx seqgpu train jsb --model tcn --schedule constant --seed 5 --steps 116';
    expect(commandFor(settings, chorales)).toBe(command);
    const words = command.split(' ').slice(2);
    expect(() => readCommand(words)).not.toThrow();
  });

  test('an epoch of text is what batch, segment and budget make of it; the published settings', () => {
    const text = { tokens: 2_088_628, sha256: 'published' };
    const settings = makeSettings('wikitext2', 'rnn', { preset: 'published' }, text);
    expect(settings).toMatchObject({
      ...{ hidden: 256, embedding: 1024, learningRate: 2, schedule: 'plateau', evaluateEvery: 2984 },
      ...{ steps: 40 * 2984, clipNorm: 0.25, batch: 20, bptt: 35, dropout: 0.25 },
    });
    expect(settings).not.toHaveProperty('cutoffs');
    expect(makeSettings('wikitext2', 'rnn', { trainTokens: 7200, bptt: 35, epochs: 1 }, text).steps).toBe(11);
    const command = commandFor(settings, text);
    expect(command).toContain('--schedule plateau');
    expect(command).toContain('--cutoffs 0');
    expect(() => readCommand(command.split(' ').slice(2))).not.toThrow();
    expect(warningsOn({ ...settings, steps: 9 }, settings)).toEqual([]);
    const raw = JSON.parse(JSON.stringify(settings));
    expect(readSettings(raw, 'x')).toEqual(settings);
    expect(() => readSettings({ ...raw, bptt: undefined }, 'x')).toThrow('bptt is undefined');
  });

  test('the published gated convolutions, by their names', () => {
    const text = { tokens: 2_088_628, sha256: 'published' };
    const nets = NETS.map((preset) => makeSettings('wikitext2', 'gcnn', { preset }, text));
    expect(nets.map((settings) => [settings.hidden, settings.levels, fieldOf(settings)])).toEqual([
      [900, 8, 25],
      [1268, 13, 40],
      [2048, 14, 47],
      [4096, 40, 57],
    ]);
    expect(nets.map(({ cutoffs }) => cutoffs)).toEqual([
      [2000, 10_000],
      [10_000],
      [10_000, 20_000],
      [10_000],
    ]);
    for (const settings of nets) {
      expect(settings).toMatchObject({
        ...{ momentum: 0.99, nesterov: true, clipNorm: 0.1, learningRate: 1, dropout: 0.2 },
        ...{ schedule: 'plateau', plateauFactor: 0.5, evaluateEvery: 2040, steps: 35 * 2040 },
      });
      expect(readSettings(JSON.parse(JSON.stringify(settings)), 'x')).toEqual(settings);
    }
    const command = commandFor({ ...nets[1], steps: 9 }, text);
    expect(command).toBe('npx seqgpu train wikitext2 --model gcnn --preset gcnn-13 --steps 9');
    expect(complaint(command.split(' ').slice(2).join(' '))).toBe('no complaint');
    expect(makeSettings('wikitext2', 'gcnn', { preset: 'published' }, text)).toEqual(nets[0]);
  });

  test('a TCN that sees too little is told so', () => {
    expect(warningsOn(makeSettings('copy', 'tcn', {}))).toEqual([]);
    expect(warningsOn(makeSettings('copy', 'lstm', { length: 999 }))).toEqual([]);
    expect(warningsOn(makeSettings('copy', 'tcn', { length: 999 }))[0]).toContain('sees 211 steps');
  });

  test('a resumed run takes the stored settings, and may be given more steps', () => {
    const stored = makeSettings('copy', 'tcn', { hidden: 4, steps: 3 });
    const now = { task: 'copy', model: 'tcn', done: 3 } as const;
    expect(resumeSettings(stored, { ...now, given: {} })).toEqual(stored);
    const longer = resumeSettings(stored, { ...now, given: { hidden: 4, steps: 9 } });
    expect(longer).toEqual({ ...stored, steps: 9 });
    expect(warningsOn(longer, stored)[0]).toContain('cosine schedule was made for 3 steps');
    expect(() => resumeSettings(stored, { ...now, given: { steps: 2 } })).toThrow('the run is at step 3');
    // Once its patience is lost a run stays ended, until it is given more.
    const patient = { ...stored, patience: 4 };
    const lost = { ...now, sinceBest: 4 };
    expect(resumeSettings(patient, { ...lost, given: {} })).toEqual(patient);
    expect(() => resumeSettings(patient, { ...lost, given: { steps: 900 } })).toThrow(
      /4 validations brought no new best[^]*patience 4[^]*up to 900 steps, add --patience N, more than 4/,
    );
    const more = resumeSettings(patient, { ...lost, given: { steps: 900, patience: 5 } });
    expect(more).toEqual({ ...patient, steps: 900, patience: 5 });
  });

  test('a resumed run refuses other settings, and names them', () => {
    const stored = makeSettings('jsb', 'lstm', { hidden: 4 }, chorales);
    const data = { ...chorales, sha256: 'other' };
    const given = { hidden: 5, epochs: 9, seed: 1, betas: [0.9, 0.98] };
    expect(() => resumeSettings(stored, { task: 'jsb', model: 'gru', given, data, done: 1 }))
      .toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: This is not how the run was begun.
          model: lstm in the run, gru now
          hidden: 4 in the run, 5 now
          sha256 of the data: published in the run, other now
          betas: 0.9,0.999 in the run, 0.9,0.98 now
          fix: leave the flags out to go on with its settings, or begin another run with another --out.]
    `);
  });

  test('a resumed run keeps its precision, also the one that it has where none was given', () => {
    const stored = makeSettings('copy', 'tcn', { steps: 3 });
    const half = { ...stored, precision: 'f16' } as const;
    const now = { task: 'copy', model: 'tcn', done: 3 } as const;
    expect(resumeSettings(stored, { ...now, given: { precision: 'f32' } })).toEqual(stored);
    expect(resumeSettings(half, { ...now, given: {} })).toEqual(half);
    expect(() => resumeSettings(stored, { ...now, given: { precision: 'f16' } })).toThrow(
      /not how the run was begun[^]*precision: f32 in the run, f16 now[^]*begin another run with another --out/,
    );
    expect(() => resumeSettings(half, { ...now, given: { precision: 'f32' } })).toThrow(
      'precision: f16 in the run, f32 now',
    );
  });

  test('settings survive a file; a changed file is refused', () => {
    const settings = makeSettings('jsb', 'tcn', {}, chorales);
    expect(readSettings(JSON.parse(JSON.stringify(settings)), 'x')).toEqual(settings);
    const changed = (change: object) => () => readSettings({ ...settings, ...change }, 'settings.json');
    expect(changed({ hidden: 1.5 })).toThrow(
      'settings.json: hidden is 1.5, not a whole number of at least 1',
    );
    expect(changed({ model: 'mlp' })).toThrow('model is "mlp", not one of tcn, lstm, gru, rnn');
    expect(changed({ lenght: 3 })).toThrow('"lenght" is no setting of this version');
    expect(changed({ task: 'copy' })).toThrow('length is missing');
    expect(() => readSettings({ task: 'copy' }, 'x')).toThrow('model is missing');
    expect(() => readSettings([], 'x')).toThrow('it holds no settings');
  });
});

describe('the folder of a run', () => {
  const settings = makeSettings('copy', 'tcn', {});
  const point = { step: 7, value: 1 };
  const fitState = {
    ...{ step: 7, seconds: 1, losses: [point] },
    evaluations: [point],
    best: point,
    closing: null,
  };
  const stored = (value: number, progress: object = { ...fitState, sources: [] }): Stored => ({
    tensors: new Map([['linear.bias', { shape: [1], data: Float32Array.of(value) }]]),
    metadata: { format: 'pt', progress: JSON.stringify(progress) },
  });
  let path: string;
  let folder: RunFolder;

  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'seqgpu-run-')), 'run');
    folder = new RunFolder(path);
  });
  afterEach(() => rmSync(join(path, '..'), { recursive: true }));

  test('what was saved is loaded', () => {
    folder.prepare();
    folder.save(settings, stored(1), stored(2));
    folder.save(settings, stored(3), null);
    const { last, best, done, settings: read } = folder.load();
    expect(read).toEqual(settings);
    expect(done).toBe(7);
    expect([last, best!].map(({ tensors }) => tensors.get('linear.bias')!.data[0])).toEqual([3, 2]);
    expect(readdirSync(path).sort()).toEqual(['best.safetensors', 'last.safetensors', 'settings.json']);
  });

  test('the file of the best parameters says what it is of; one that does not is refused', () => {
    folder.save(settings, stored(1), stored(2));
    const file = new RunFolder(join(path, 'best.safetensors'));
    expect(file.best()!.settings).toEqual(settings);
    expect(file.best()!.best.tensors.get('linear.bias')!.data[0]).toBe(2);
    expect([file.kept(), file.beside]).toEqual([undefined, path]);
    const last = new RunFolder(join(path, 'last.safetensors'));
    expect(() => last.best()).toThrow(
      /last\.safetensors has weights, but does not say of what model[^]*fix: /,
    );
  });

  test('a run is not overwritten', () => {
    folder.save(settings, stored(1), stored(2));
    expect(() => folder.prepare()).toThrow(/holds a run already[^]*last\.safetensors[^]*--resume/);
  });

  test('settings alone are no run: it was interrupted before its first checkpoint', () => {
    folder.write('settings.json', JSON.stringify({ settings }));
    folder.prepare();
    expect(existsSync(join(path, 'settings.json'))).toBe(true);
  });

  test.each(['{}', 'mine', '{"settings":{"editor":"vi"}}'])('settings of something else stay: %s', (text) => {
    folder.write('settings.json', text);
    expect(() => folder.prepare()).toThrow(
      /settings\.json is not the settings of a run, and would be overwritten/,
    );
    expect(readdirSync(path)).toEqual(['settings.json']);
    expect(readFileSync(join(path, 'settings.json'), 'utf8')).toBe(text);
  });

  test('a run that was stopped before its first validation has no best parameters, and goes on', () => {
    const progress = { ...fitState, evaluations: [], best: null, sources: [] };
    folder.save(settings, stored(3, progress), null);
    expect(folder.load()).toMatchObject({ best: null, done: 7 });
  });

  describe('the curves', () => {
    const steps = () =>
      readFileSync(join(path, 'metrics.jsonl'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { step: number }).step);
    const curve = (done: number, ...list: number[]) => {
      const curves = folder.curves(done);
      list.forEach((step) => curves.add({ step, seconds: step / 3, loss: 1 / step, learningRate: 0.5 }));
      curves.close();
    };

    test('are lines; a run that goes on repeats none, and a torn one goes', () => {
      curve(0, 1, 2, 3, 4, 5);
      expect(readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('\n')[2]).toBe(
        '{"step":3,"seconds":1,"loss":0.3333333333333333,"learningRate":0.5}',
      );
      writeFileSync(join(path, 'metrics.jsonl'), '{"step":6,"lo', { flag: 'a' });
      curve(3, 4, 5, 6);
      expect(steps()).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test('of a run that saved nothing are replaced, those of something else stay', () => {
      curve(0, 1, 2);
      folder.prepare();
      curve(0, 1);
      expect(steps()).toEqual([1]);
      for (const torn of ['', '{"st', '{"step":1,"sec']) {
        writeFileSync(join(path, 'metrics.jsonl'), torn);
        folder.prepare();
      }
      writeFileSync(join(path, 'metrics.jsonl'), 'mine');
      expect(() => folder.prepare()).toThrow('metrics.jsonl is not of a run, and would be overwritten');
    });
  });

  test('a run that was killed before its first checkpoint was whole begins again with its settings', () => {
    const often = { ...settings, steps: 9, evaluateEvery: 1 };
    expect(folder.unbegun()).toBeUndefined();
    folder.writeSettings(often);
    expect(folder.unbegun()).toEqual(often);
    const first = { ...fitState, step: 1, losses: [], evaluations: [], best: null, sources: [] };
    folder.writeStored('best.safetensors', stored(1, first));
    expect(folder.unbegun()).toEqual(often);
    // Parameters that only a longer run has are not to be trained again.
    folder.writeStored('best.safetensors', stored(1));
    expect(folder.unbegun()).toBeUndefined();
    folder.save(often, stored(1), null);
    expect(folder.unbegun()).toBeUndefined();
  });

  test('nothing to resume', () => {
    expect(() => folder.load()).toThrow(/nothing to resume in .*run[^]*last\.safetensors is missing/);
  });

  test('a folder that is a file, or cannot be written', () => {
    writeFileSync(path, '');
    expect(() => folder.lock('train')).toThrow('train: ' + path + ' is a file, not a folder');
    expect(() => new RunFolder(join(path, 'inside')).prepare()).toThrow('cannot be written');
  });

  test('of 26 flipped bits and 26 cuts of a checkpoint none is accepted, and each is told with its file', () => {
    folder.save(settings, stored(1), stored(2));
    const last = join(path, 'last.safetensors');
    const whole = readFileSync(last);
    const random = new Random(52);
    for (let i = 0; i < 52; i++) {
      const changed = Buffer.from(whole);
      changed[random.integer(whole.length)] ^= 1 << random.integer(8);
      writeFileSync(last, i < 26 ? changed : whole.subarray(0, random.integer(whole.length)));
      expect(() => folder.load()).toThrow(SeqgpuError);
      expect(() => folder.load()).toThrow(`${last}: `);
    }
    writeFileSync(last, whole);
    expect(folder.load().done).toBe(7);
  });

  test('what a checkpoint says of the run is checked field by field', () => {
    folder.save(settings, stored(1, { ...fitState, sources: [], seconds: -1 }), stored(2));
    expect(() => folder.load()).toThrow(/last\.safetensors: seconds is -1, not a time of at least 0/);
  });

  test('what a killed process left of a file goes when the folder is taken', () => {
    folder.save(settings, stored(1), stored(2));
    writeFileSync(join(path, 'last.safetensors.0123456789abcdef.part'), 'half');
    writeFileSync(join(path, 'mine.part'), 'whole');
    folder.lock('train')();
    expect(readdirSync(path).sort()).toEqual([
      ...['best.safetensors', 'last.safetensors', 'mine.part', 'settings.json'],
    ]);
  });

  test('a folder that another process was given is not written to', () => {
    const release = folder.lock('train');
    rmSync(join(path, '.lock'));
    expect(() => folder.save(settings, stored(1), null)).toThrow('was given to another process');
    release();
  });

  test('a checkpoint that is cut off, and settings that are no JSON', () => {
    folder.save(settings, stored(1), stored(2));
    const last = join(path, 'last.safetensors');
    writeFileSync(last, readFileSync(last).subarray(0, -2));
    expect(() => folder.load()).toThrow(/last\.safetensors: linear\.bias lies at bytes/);
    writeFileSync(join(path, 'settings.json'), '{"settings": ');
    expect(() => folder.load()).toThrow('settings.json is not JSON');
  });
});

describe('what came of it', () => {
  const outcome = (model: 'tcn' | 'lstm', loss: number): Outcome => ({
    settings: makeSettings('copy', model, { steps: 50 }),
    title: 'Copy memory, T = 100',
    parameters: 5970,
    steps: 50,
    metric: 'cross-entropy',
    anchors: [{ name: 'guess 0', value: 0.1733 }],
    valid: { 'cross-entropy': loss, accuracy: 1 },
    test: { 'cross-entropy': loss, accuracy: 1 },
    best: { step: 50, value: loss },
    stepsPerSecond: 9.5,
    seconds: 63,
    adapter: '<vendor> & "device"',
    losses: [1, 2, 3].map((step) => ({ step, value: 1 / step })),
    evaluations: [{ step: 25, value: 0.2 }, ...[{ step: 50, value: loss }]],
  });

  test('--json has these names', () => {
    expect(Object.keys(inShort(outcome('tcn', 0.01)))).toEqual(
      'task model parameters steps metric validMetric testMetric stepsPerSecond tokensPerSecond seconds adapter seed'.split(
        ' ',
      ),
    );
    expect(JSON.parse(JSON.stringify(inShort(outcome('tcn', 0.01))))).toMatchObject({
      ...{
        task: 'copy',
        model: 'tcn',
        metric: 'cross-entropy',
        validMetric: 0.01,
        testMetric: 0.01,
        seed: 1,
      },
    });
  });

  test('validation and test are not each other', () => {
    const one: Outcome = {
      ...outcome('tcn', 0.01),
      valid: { 'cross-entropy': 0.25 },
      test: { 'cross-entropy': 0.5 },
    };
    expect(inShort(one)).toMatchObject({ validMetric: 0.25, testMetric: 0.5 });
    expect(factsOf(one).slice(0, 2)).toEqual([
      ['cross-entropy, validation', '0.2500'],
      ['cross-entropy, test', '0.5000'],
    ]);
  });

  test('shares are percent, of whatever they are, and so is what needs no learning', () => {
    const shares = { accuracy: 0.947, 'accuracy, last class': 0.97, 'nats per step': 0.5 };
    const anchors = [{ name: 'the commonest', value: 0.4 }];
    const facts = factsOf({
      ...outcome('tcn', 0.01),
      metric: 'accuracy',
      valid: shares,
      test: shares,
      anchors,
    });
    expect(new Map(facts)).toEqual(
      new Map([
        ...facts,
        ['accuracy, test', '94.7 %'],
        ['accuracy, last class, test', '97.0 %'],
        ['nats per step, test', '0.5000'],
        ['"the commonest" has', '40.0 %'],
      ]),
    );
  });

  test('numbers and times', () => {
    expect([0, 0.17329, 8.1, 1.94e-5, 269938, NaN].map((value) => significant(value))).toEqual([
      ...['0', '0.1733', '8.100', '1.94e-5', '269,938', '–'],
    ]);
    expect([0, 0.14, 0.97, 59.6].map(duration)).toEqual(['0 s', '0.1 s', '1 s', '1:00 min']);
    expect([187, 3720].map(duration)).toEqual(['3:07 min', '1:02 h']);
    const text = table(['copy', ''], factsOf(outcome('tcn', 0.01)));
    for (const word of ['cross-entropy, test', '0.01000', '"guess 0" has', '1:03 min'])
      expect(text).toContain(word);
    const columns = numericColumns(
      ['score', 'loss', 'name', 'none'],
      [
        ['26.9 ± 14.6 %', '≤ 1.2e-5', '± 3', '–'],
        ['100.0 %', '214.9 ± 6.3', 'a 4', ''],
      ],
    );
    expect(columns).toEqual([true, true, false, false]);
  });

  test('the sentence about the demo is true to the numbers', () => {
    const [tcn, lstm] = [outcome('tcn', 2e-5), outcome('lstm', 0.1733)];
    const remark = remarkOn(tcn, [lstm, tcn]);
    expect(remark).toContain('"guess 0" has a loss of 0.1733: after 50 steps the TCN solves it (2.00e-5)');
    expect(remark).toContain('the LSTM of the same size has learned nothing yet (0.1733).');
    expect(remarkOn(outcome('tcn', 0.1), [])).toContain('is on its way');
  });

  test('the report is one page that needs nothing else', async () => {
    const outcomes = [outcome('lstm', 0.17), outcome('tcn', 1e-4)];
    const page = await reportPage({ title: 'a < b', command: 'npm start', outcomes });
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page).not.toMatch(/<script|<link|src=|NaN|undefined/);
    expect(page).toContain('<title>a &lt; b</title>');
    expect(page).toContain('of training, all runs together');
    expect(page).toContain('&lt;vendor&gt; &amp; &quot;device&quot;');
    for (const word of ['TCN validation', 'LSTM training', 'guess 0: 0.1733', 'log scale'])
      expect(page).toContain(word);
  });

  test('what is said of a training is in the measure of its validation, or says what it is', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const state = { step: 1, evaluations: [{ step: 1, value: 4.5 }] };
    const said = (metric: string) => {
      new Progresses(false).of({ title: 'run', steps: 9, metric }).update(state, Math.LN2 * 4, 0);
      return log.mock.lastCall![0] as string;
    };
    expect(said('bits per character')).toBe('run: step 1/9, bits per character 4.000, validation 4.500');
    expect(said('perplexity')).toBe('run: step 1/9, perplexity 16.00, validation 4.500');
    expect(said('nats per step')).toBe('run: step 1/9, loss 2.773, validation 4.500');
    expect(said('error')).toBe('run: step 1/9, loss 2.773, validation error 450.0 %');
    log.mockRestore();
  });

  test('a training loss is drawn in the measure of its axis, or the axis says that it is not', async () => {
    expect(lossInMetric('perplexity')!(Math.log(50))).toBeCloseTo(50);
    expect(lossInMetric('bits per character')!(Math.LN2)).toBeCloseTo(1);
    expect(lossInMetric('nats per step')!(8)).toBe(8);
    const one: Outcome = {
      ...outcome('tcn', 0.1),
      metric: 'error',
      valid: { error: 0.1 },
      test: { error: 0.1 },
    };
    expect(await reportPage({ title: 'a', command: 'b', outcomes: [one] })).toContain(
      'error; of training: its loss',
    );
  });
});
