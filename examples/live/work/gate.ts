// Whether a run may take its next step: the page pauses it, lets it take one, and its model is looked at in between.

/** How much of the time looks may take. */
const PART = 0.2;
/** The least time between two looks, and the most behind the first, which compiles, and says little of the others. */
const [LEAST_MS, MOST_MS] = [250, 3000];

/** Looks at a model, one look at a time: what is asked for during one is looked at once behind it. */
export class Looks {
  private running: Promise<void> | null = null;
  private asked = false;
  private next = 0;
  private most = MOST_MS;

  constructor(private readonly look: () => Promise<void>) {}

  /** Whether it is time, or somebody has asked. */
  get due(): boolean {
    return this.asked || performance.now() >= this.next;
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

/** Stands before every step of a run. */
export class Gate {
  private open: (() => void) | null = null;
  /** Single steps that were asked for and not taken. */
  private steps = 0;

  constructor(
    private paused: boolean,
    private readonly looks: Looks,
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

  /** Looks with other controls: at once where the run waits. */
  ask(): void {
    if (this.open) void this.looks.now();
    else this.looks.ask();
  }

  /** What `fit` asks before a step. */
  readonly before = (): Promise<void> | undefined =>
    this.paused || this.looks.due ? this.wait() : undefined;

  private async wait(): Promise<void> {
    await this.looks.now();
    if (this.paused && !this.steps) await new Promise<void>((resolve) => (this.open = resolve));
    this.open = null;
    if (this.steps) this.steps--;
  }
}
