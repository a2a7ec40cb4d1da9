// When a run that is made ready begins: when somebody starts it, unless it is given up before.

/** Waits for an order. */
export class Beginning<Order> {
  /** How it was started, once it is. */
  order?: Order;
  private readonly controller = new AbortController();
  private readonly started: Promise<Order>;
  private go!: (order: Order) => void;

  constructor() {
    const { signal } = this;
    this.started = new Promise((resolve, reject) => {
      this.go = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    // Who gives it up waits for nothing.
    this.started.catch(() => {});
  }

  /** Aborted when it is given up. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  start(order: Order): void {
    this.order = order;
    this.go(order);
  }

  /** Gives it up, unless it was started. */
  cancel(): void {
    if (!this.order) this.controller.abort();
  }

  /** The order, when it is there; fails where it was given up. `meanwhile`: what to do until then. */
  async wait(meanwhile: () => Promise<void>): Promise<Order> {
    // What fails here fails again where it is needed.
    if (!this.order) meanwhile().catch(() => {});
    return this.started;
  }
}
