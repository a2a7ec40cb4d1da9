// The steps of a beam search over a batch of sentences, all on the device: an encoder reads the sources once, what it
// leaves is repeated for every beam; one step of all beams is recorded, and another that hands on what they remember.

import { END, PAD } from '../data/translation/symbols';
import type { Engine, Step } from '../gpu/engine';
import { repeatStep } from '../gpu/look/repeatStep';
import { advance } from '../ops/layout/advance';
import { assign } from '../graph/assign';
import { array } from '../graph/host';
import { knowIds } from '../graph/knownIds';
import { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { reorder } from '../nn/reorder';
import { Memory } from '../nn/stepwise';
import type { Encoding, TranslationModel } from '../nn/translation/translator';
import { gatherRows } from '../ops/embedding/gatherRows';
import { reshape } from '../ops/layout/view';
import { writeAt } from '../ops/layout/writeAt';
import { logSoftmax } from '../ops/norm/softmax';
import { beamNext } from '../ops/random/beamNext';
import { topK } from '../ops/random/topK';
import { NEVER, type SearchRecord } from './hypotheses';

/** What a search over a batch is made for. */
export interface SearchSizes {
  /** Sentences. */
  readonly B: number;
  /** The longest source. */
  readonly S: number;
  /** Beams of each. */
  readonly K: number;
  /** The most tokens of a translation, that of the end counted. */
  readonly L: number;
}

/** A beam search for batches of one shape. */
export class BeamSteps {
  private readonly memory: Memory;
  /** By name, so that all are freed together. */
  private readonly states: Record<'scores' | 'tokens' | 'parents' | 'place' | 'found' | 'sums', State>;
  private readonly encoded: Record<string, State> = {};
  private readonly begin: Step<void>;
  private readonly prepare: Step<void>;
  private next?: Step<void>;
  private readonly again: Step<void>;
  /** How many symbols there are, of sources and of translations: known when steps have been recorded. */
  sourceSymbols = Infinity;
  symbols = Infinity;

  constructor(
    private readonly engine: Engine,
    private readonly model: TranslationModel,
    private readonly sizes: SearchSizes,
  ) {
    const { B, K, L } = sizes;
    this.memory = new Memory(B * K);
    this.states = {
      scores: new State([B, K], 'zeros', 'scores'),
      tokens: new State([B * K], 'zeros', 'tokens', 'u32'),
      parents: new State([B * K], 'zeros', 'parents', 'u32'),
      place: new State([1], 'zeros', 'place', 'u32'),
      found: new State([B, L, 2 * K], 'zeros', 'found', 'u32'),
      sums: new State([B, L, 2 * K], 'zeros', 'sums'),
    };
    this.begin = engine.record((source: Tensor, lengths: Tensor, rows: Tensor) => {
      knowIds(source, (rows) => (this.sourceSymbols = rows));
      for (const [name, x] of Object.entries(model.encode(source, lengths)))
        this.keep(name, gatherRows(x, rows));
    });
    this.prepare = engine.record(() => this.memory.prepare());
    this.again = engine.record(() => reorder(this.memory, this.states.parents));
  }

  /** One token further for every beam; known behind `start`. */
  get step(): Step<void> {
    return this.next!;
  }

  /** The most steps that the model can take, known behind `start`. */
  get limit(): number {
    return Math.min(this.sizes.L, this.memory.limit);
  }

  /** Compiles what `start` runs, without blocking the page. */
  async compile(sources: readonly Uint32Array[]): Promise<void> {
    await this.begin.prepare(...this.given(sources));
    this.next ??= this.recordStep();
    await this.prepare.prepare();
  }

  /** Reads as many sources as were announced, none longer, and puts every beam at its beginning. */
  start(sources: readonly Uint32Array[]): void {
    const { engine, sizes, states, memory } = this;
    const { B, K } = sizes;
    this.begin(...this.given(sources));
    this.next ??= this.recordStep();
    for (const state of memory.states) engine.write(state, zerosOf(state));
    this.prepare();
    engine.write(
      states.scores,
      Float32Array.from({ length: B * K }, (_, n) => (n % K ? NEVER : 0)),
    );
    engine.write(states.tokens, new Uint32Array(B * K).fill(END));
    engine.write(states.place, Uint32Array.of(0));
  }

  /** Sources, their lengths, and which of them every beam is of. */
  private given(sources: readonly Uint32Array[]) {
    const { B, S, K } = this.sizes;
    const source = new Uint32Array(B * S);
    sources.forEach((one, b) => source.set(one, b * S));
    const lengths = Uint32Array.from(sources, ({ length }) => length);
    const rows = Uint32Array.from({ length: B * K }, (_, n) => Math.floor(n / K));
    return [array([B, S], source), array([B], lengths), array([B * K], rows)] as const;
  }

  /** Compiles what `run` needs, so that a clock around it does not measure that. */
  async ready(): Promise<void> {
    await Promise.all([this.next!.prepare(), this.again.prepare()]);
    await this.engine.idle();
  }

  /** So many steps further. */
  async run(times: number): Promise<void> {
    if (this.sizes.K === 1) return void (await repeatStep(this.next!, times));
    for (let i = 0; i < times; i++) {
      this.next!();
      this.again();
    }
  }

  /** What has been found so far. */
  async read(): Promise<SearchRecord> {
    const { found, sums } = this.states;
    const [all, scores] = await Promise.all([this.engine.read(found), this.engine.read(sums)]);
    return {
      ...this.sizes,
      found: all as Uint32Array,
      sums: scores as Float32Array,
      V: this.symbols,
      end: END,
    };
  }

  destroy(): void {
    const { begin, prepare, next, again, memory, states, encoded } = this;
    for (const one of [begin, prepare, again, memory, ...Object.values(states), ...Object.values(encoded)])
      one.destroy();
    next?.destroy();
  }

  private keep(name: string, x: Tensor): void {
    this.encoded[name] ??= new State(x.shape, 'zeros', name, x.dtype);
    assign(this.encoded[name], x);
  }

  private recordStep(): Step<void> {
    const { engine, sizes, states, memory } = this;
    const { B, K } = sizes;
    const next = this.model.translationStepper(memory, this.encoded as Encoding);
    return engine.record(() => {
      const { scores, tokens, parents, place, found, sums } = states;
      const logits = next(reshape(tokens, [B * K, 1]));
      const V = (this.symbols = logits.shape[2]);
      const likely = topK(logSoftmax(reshape(logits, [B * K, V])), Math.min(2 * K + 1, V));
      const chosen = beamNext({ scores, ...likely }, { V, pad: PAD, end: END });
      assign(scores, chosen.nextScores);
      assign(tokens, chosen.tokens);
      assign(parents, chosen.parents);
      writeAt(found, place, chosen.found);
      writeAt(sums, place, chosen.sums);
      advance(place);
      memory.advance();
    });
  }
}

const zerosOf = ({ size, dtype }: State) =>
  dtype === 'u32' ? new Uint32Array(size) : new Float32Array(size);
