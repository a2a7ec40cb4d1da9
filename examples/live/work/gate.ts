// Whether a run may take its next step: the page pauses it, lets it take one, and its model is looked at and the run kept
// in between.

/** How much of the time looks may take. */
const PART = 0.2;
/** The least time between two looks, and the most behind the first, which compiles, and says little of the others. */
const [LEAST_MS, MOST_MS] = [250, 3000];

/** Looks at a model, one look at a time: what is asked for during one is looked at once behind it. */
export class Looks {
  private running: Promise<void> | null = null;
  private asked = false;
  private next = Infinity;
  private most = MOST_MS;

  constructor(private readonly look: () => Promise<void>) {}

  /** Whether it is time, or somebody has asked. */
  get due(): boolean {
    return this.asked || performance.now() >= this.next;
  }

  /** Has looks be due from now on: the first compiles, and the run's own first numbers come before that. */
  begin(): void {
    if (this.next === Infinity) this.next = 0;
  }

  /** Looks before the next step. */
  ask(): void {
    this.asked = true;
  }

  /** Looks now; resolves when nothing is left to look at. */
  now(): Promise<void> {
    this.asked = true;
    return (this.running ??= this.all().finally(() => (this.running = null)));
  }

  private async all(): Promise<void> {
    while (this.asked) {
      this.asked = false;
      const start = performance.now();
      await this.look();
      const took = performance.now() - start;
      this.next = performance.now() + Math.min(this.most, Math.max(LEAST_MS, took * (1 / PART - 1)));
      this.most = Infinity;
    }
  }
}

/** How much of the time keeping a run may take, and the least time between two times. */
const [KEEP_PART, KEEP_MS] = [0.05, 2000];

/** Says when a run is to be kept; who keeps it says that it is done. */
export class Keeping {
  private next = performance.now() + KEEP_MS;

  get due(): boolean {
    return performance.now() >= this.next;
  }

  async now(save: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await save();
    const took = performance.now() - start;
    this.next = performance.now() + Math.max(KEEP_MS, took / KEEP_PART);
  }
}

/** Stands before every step of a run. */
export class Gate {
  private open: (() => void) | null = null;
  /** Single steps that were asked for and not taken. */
  private steps = 0;
  private readonly tasks: (() => Promise<void>)[] = [];
  /** What is done while the run waits: it does not go on before that. */
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private paused: boolean,
    private readonly looks: Looks,
    private readonly keeping?: Keeping,
  ) {}

  pause(): void {
    this.paused = true;
  }

  go(): void {
    this.paused = false;
    this.steps = 0;
    this.open?.();
  }

  /** Lets one step through. */
  step(): void {
    this.paused = true;
    this.steps++;
    this.open?.();
  }

  /** Whether the run stands and waits. */
  get waits(): boolean {
    return this.open !== null;
  }

  /** Does something between two steps: at once where the run waits, which is then told how it ends. */
  between(task: () => Promise<void>): Promise<void> | undefined {
    if (this.waits) {
      const done = task();
      this.busy = Promise.allSettled([this.busy, done]);
      return done;
    }
    this.tasks.push(task);
    return undefined;
  }

  /** What was to be done between two steps, when there are no more. */
  left(): readonly (() => Promise<void>)[] {
    return this.tasks.splice(0);
  }

  /** What `fit` asks before a step. */
  readonly before = (save: () => Promise<void>): Promise<void> | undefined =>
    this.paused || this.looks.due || this.keeping?.due || this.tasks.length ? this.wait(save) : undefined;

  private async wait(save: () => Promise<void>): Promise<void> {
    await this.looks.now();
    for (const task of this.left()) await task();
    if (this.keeping?.due || (this.paused && !this.steps)) await this.keeping?.now(save);
    if (this.paused && !this.steps) await new Promise<void>((resolve) => (this.open = resolve));
    this.open = null;
    await this.busy;
    if (this.steps) this.steps--;
  }
}
