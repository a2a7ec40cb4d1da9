// The editor: a kernel of the reader's own beside the library's. It looks at the text while it is typed, and compiles,
// compares and measures it when it is told to.

import { benchKernel, type KernelReport, type OwnKernel } from '../../../src/bench/index';
import { kernelCase, type Written } from '../../../src/bench/kernel/kernelCase';
import { firstRun } from '../../../src/bench/measure';
import type { Plan } from '../../../src/plan/plan';
import { button, byId, howLong, runtimeName } from '../elements';
import { codeText, setCode, showComplaints, startCode, type Complaint } from './code';
import { compiled, find, looker, type Found } from './found';
import { showForm, showPlain, startForm } from './form';
import { linkOf, setupIn } from './link';
import { referenceFrom } from './reference';
import { showResult } from './result';
import { FIRST, kernelOf, readSetup, type KernelSetup } from './setup';

/** What the rest of the page hears. */
export interface EditorHost {
  /** True while something is measured, which then nothing may disturb. */
  busy(is: boolean): void;
  isBusy(): boolean;
  /** A kernel was measured: its plan, and its row with the ceilings. */
  measured(name: string, plan: Plan | null, found: KernelReport): void;
}

let setup: KernelSetup = structuredClone(FIRST);
let host: EditorHost;
let found: Found | null = null;

const say = (text: string): void => void (byId('own-status').textContent = text);
const told = (error: unknown): string => (error as Error).message ?? String(error);

/** Puts a kernel into the editor. */
export function edit(given: KernelSetup): void {
  setup = given;
  setCode(setup.wgsl);
  showPlain(setup);
  showComplaints([]);
  byId('own-result').hidden = true;
  void look();
}

/** Reads the text: the form follows it, and what is wrong is shown on its lines. True where it can run. */
async function look(): Promise<boolean> {
  setup.wgsl = codeText();
  const seen = find(setup.name || 'a kernel', setup.wgsl);
  const wrong = 'buffers' in seen ? null : seen;
  if ('buffers' in seen) showForm(setup, (found = seen));
  // A compiler that works while something is measured would be measured, too.
  if (host.isBusy() && !running) return !wrong;
  const complaints: Complaint[] = await compiled(setup.wgsl).catch(() => []);
  if (wrong && !complaints.some(({ kind }) => kind === 'error')) complaints.unshift(wrong);
  if (setup.wgsl === codeText()) showComplaints(complaints);
  return !wrong && !complaints.some(({ kind }) => kind === 'error');
}

let running = false;

async function run(): Promise<void> {
  if (host.isBusy()) return;
  running = true;
  host.busy(true);
  try {
    say('Compiling …');
    if (await look()) await measure();
    else say('It does not compile: see below the text.');
  } catch (error) {
    say(told(error));
  }
  running = false;
  host.busy(false);
}

async function measure(): Promise<void> {
  const { params, buffers, uniform } = found!;
  const bound = { params: params.map(({ name }) => name), buffers: buffers.map(({ name }) => name) };
  const own = kernelOf(setup, bound);
  const { reference, against } = referenceOf(own, uniform);
  let plan: Plan | null = null;
  const report = await benchKernel(
    { ...own, reference },
    {
      ...howLong(),
      runtime: runtimeName(),
      onProgress: (what) => say(what),
      onPlan: (_name, made) => (plan = made),
    },
  );
  showResult(report, against);
  host.measured(own.name, plan, report);
  say(report.row ? 'Done: its row is in the table.' : 'Wrong results: not measured.');
}

/** The reader's reference; without one, the library's kernel that this one began as. */
function referenceOf(
  own: Omit<OwnKernel, 'reference'>,
  uniform: string,
): { readonly reference?: OwnKernel['reference']; readonly against: string | null } {
  const { reference: text, origin } = setup;
  if (text.trim()) return { reference: referenceFrom(text, uniform), against: 'the reference' };
  if (!origin) return { against: null };
  const reference: OwnKernel['reference'] = async (values) => {
    const engine = await looker();
    let before: Written = {};
    const asItWas = kernelCase({ ...own, wgsl: origin, constants: {} }, (_, written) => (before = written));
    const { built } = await firstRun(engine, asItWas);
    built.step.destroy();
    for (const [name, written] of Object.entries(before)) values[name] = Float64Array.from(written);
  };
  return { reference, against: 'the kernel that it began as' };
}

async function link(): Promise<void> {
  setup.wgsl = codeText();
  // Without an event: it is here already.
  history.replaceState(null, '', await linkOf(setup));
  try {
    await navigator.clipboard.writeText(location.href);
    say('The link is copied, and in the address.');
  } catch {
    say('The link is in the address.');
  }
}

/** A kernel that came with the address is shown, and runs when it is told to. */
async function fromAddress(): Promise<void> {
  try {
    const given = await setupIn(location.hash);
    if (!given) return;
    edit(given);
    byId('own').scrollIntoView();
    say('This kernel came with the address. Nothing of it runs before you press Run.');
  } catch (error) {
    say(`The link holds no kernel: ${told(error)}.`);
  }
}

/** Starts the editor with a short kernel, or with the one in the address. */
export function startEditor(given: EditorHost): void {
  host = given;
  startCode(() => void look());
  startForm(() => setup);
  edit(setup);
  button('own-run').addEventListener('click', () => void run());
  button('own-link').addEventListener('click', () => void link());
  button('own-first').addEventListener('click', () => edit(readSetup(structuredClone(FIRST))));
  byId('own').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
  });
  window.addEventListener('hashchange', () => void fromAddress());
  void fromAddress();
}
