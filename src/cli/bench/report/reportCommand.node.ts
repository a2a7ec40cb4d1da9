// `seqgpu bench --report`: what there is to know of a machine, in one JSON and one Markdown file, within minutes:
// whether the kernels are right here, how fast they are, and how fast a model trains.

import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { CASES, type Case } from '../../../bench/index';
import { caseCheck, runChecks } from '../../../bench/checks';
import { GOLDEN_CHECKS } from '../../../bench/golden/check';
import { GRADIENT_CHECKS } from '../../../bench/gradientChecks';
import { runParts, type Ended, type Part } from '../../../bench/parts';
import { Outputs } from '../../../files/outputs.node';
import { writeWhole } from '../../../files/wholeFile.node';
import type { Engine } from '../../../gpu/engine';
import { fail } from '../../../graph/check';
import { duration } from '../../../report/text.node';
import { versionHere } from '../../../runs/version.node';
import { unknownWord } from '../../../spec/words';
import { examine } from '../../doctor.node';
import { adapterLine, engineOf, openEngine, untuned, type EngineChoice } from '../../engine/adapter.node';
import { ceilingsPart, rowsPart, tunePart } from './measuredParts';
import { reportText, type MachineReport } from './reportText';
import { textPart } from './textPart.node';
import { torchPart } from './torchPart.node';

/** What `bench --report` is told. */
export interface ReportFlags extends EngineChoice {
  readonly out?: string;
  readonly only?: readonly string[];
  readonly minutes?: number;
  readonly data?: string;
  readonly json?: boolean;
}

/** What goes with --report. */
const BESIDE = ['report', 'out', 'only', 'minutes', 'data', 'family', 'adapter', 'json'];
const MINUTES = 9;
const FOLDER = 'seqgpu-report';
const FILES = ['report.json', 'report.md'];

/** Checks what was given; the action measures, writes both files after every part, and gives the exit code. */
export function reportCommand(given: ReportFlags): () => Promise<number> {
  const other = Object.keys(given).find((name) => !BESIDE.includes(name));
  if (other) {
    const beside = BESIDE.slice(1).map((name) => `--${name}`);
    fail(`bench: --report and --${other} exclude each other.`, {
      fix: `--report goes with ${beside.join(', ')}.`,
    });
  }
  const parts = chosenParts(partsHere(given, new Engines(engineOf({ ...given }))), given.only);
  return () => run(given, parts);
}

function chosenParts({ parts, engines }: PartsHere, only?: readonly string[]): PartsHere {
  const names = parts.map(({ name }) => name);
  const unknown = only?.find((word) => !names.includes(word));
  if (unknown !== undefined) unknownWord(`bench: there is no part "${unknown}".`, unknown, names);
  return { engines, parts: only ? parts.filter(({ name }) => only.includes(name)) : parts };
}

/** The engines that parts have opened. */
class Engines {
  private readonly opened = new Set<Engine>();

  constructor(private readonly choice: EngineChoice) {}

  readonly open = async (family = this.choice.family): Promise<Engine> => {
    const engine = await openEngine({ tuning: untuned(), ...this.choice, family });
    this.opened.add(engine);
    return engine;
  };

  /** Frees what a part has left open. */
  readonly tidy = (): void => {
    for (const engine of this.opened) engine.destroy();
    this.opened.clear();
  };
}

interface PartsHere {
  readonly engines: Engines;
  readonly parts: readonly Part[];
}

/** The steps that a training is made of. */
const STEPS = ['LSTM training step', 'TCN training step', 'Transformer translation step'];

const isStep = ({ name }: Case): boolean => STEPS.includes(name);

function partsHere({ data }: ReportFlags, engines: Engines): PartsHere {
  const ours = new Map<string, number>();
  const how = { open: () => engines.open(), runtime: runtimeHere(), ours };
  const steps = CASES.filter(isStep);
  const others = CASES.filter((one) => !isStep(one));
  const parts: Part[] = [
    ceilingsPart(how.open),
    {
      name: 'models',
      about: 'ten steps of every model beside those of PyTorch, in both families of kernels',
      share: 60,
      least: 5,
      run: (sheet, time) => runChecks(GOLDEN_CHECKS, engines.open, { sheet, time }),
    },
    {
      name: 'gradients',
      about: 'the gradient of every op beside differences of what it computes, in both families of kernels',
      share: 35,
      least: 5,
      run: (sheet, time) => runChecks(GRADIENT_CHECKS, engines.open, { sheet, time }),
    },
    {
      name: 'correctness',
      about: 'every case of the bench against doubles, in both families of kernels',
      share: 90,
      least: 5,
      run: (sheet, time) => runChecks(CASES.map(caseCheck), engines.open, { sheet, time }),
    },
    rowsPart(
      { name: 'steps', about: 'training steps, beside what the adapter can do', share: 60 },
      steps,
      how,
    ),
    textPart(how.open, data),
    tunePart([...steps, ...others.filter(({ limit }) => limit === 'fma')], how.open),
    rowsPart({ name: 'rows', about: 'all other rows of the bench', share: 130 }, others, how),
    torchPart(ours),
  ];
  return { engines, parts };
}

function runtimeHere(): string {
  const [cpu] = cpus();
  return `Node ${process.version.slice(1)}${cpu ? `, ${cpus().length} × ${cpu.model.trim()}` : ''}`;
}

async function run(given: ReportFlags, { engines, parts }: PartsHere): Promise<number> {
  const { minutes = MINUTES } = given;
  const folder = given.out ?? unusedFolder();
  const outputs = new Outputs('bench');
  outputs.folder(folder, FILES, '--out');
  const start = performance.now();
  const engine = await engines.open();
  const adapter = engine.name;
  const limits = limitsOf(engine.adapter!);
  console.log(await adapterLine(engine));
  engines.tidy();
  const head = {
    program: `seqgpu ${versionHere()}`,
    date: new Date().toISOString(),
    adapter,
    machine: { runtime: runtimeHere(), ...(await examine(engineOf({ ...given }))), limits },
    minutes,
  };
  const write = (ended: readonly Ended[]): MachineReport => {
    const report = { ...head, seconds: (performance.now() - start) / 1000, parts: ended };
    writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
    writeWhole(join(folder, 'report.md'), reportText(report));
    return report;
  };
  const ended = await runParts(parts, {
    seconds: minutes * 60 - (performance.now() - start) / 1000,
    tidy: engines.tidy,
    onBegin: (name, seconds) => console.error(`${name}: at most ${duration(seconds)}`),
    onEnd: (soFar) => void tellLast(write(soFar)),
  });
  console.log(`report: ${FILES.map((name) => join(folder, name)).join(', ')}`);
  if (given.json) console.log(JSON.stringify(write(ended)));
  return 0;
}

/** The part that has just ended, in a line; its findings under it. */
function tellLast({ parts }: MachineReport): void {
  const { name, ending, seconds, findings } = parts.at(-1)!;
  console.log([`${name}: ${ending}, ${duration(seconds)}`, ...findings.map((one) => `  ${one}`)].join('\n'));
}

/** All limits of the adapter: they are getters of its prototype. */
function limitsOf({ limits }: GPUAdapter): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value === 'number') found[name] = value;
  }
  return found;
}

/** A folder that is not there yet. */
function unusedFolder(): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? FOLDER : `${FOLDER}-${i}`;
    if (!existsSync(name)) return name;
  }
}
