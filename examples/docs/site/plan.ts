// Which Markdown files of the repository are pages, and where.

/** A page made of a Markdown file. */
export interface Text {
  /** In the repository. */
  readonly file: string;
  /** In the site. */
  readonly path: string;
  /** In lists; default: its heading. */
  readonly title?: string;
}

const text = (path: string, file: string, title?: string): Text => ({ path, file, title });

/** In the order in which somebody new to it may read them. */
export const GUIDES: readonly Text[] = [
  text('guides/first-model.html', 'examples/guides/first-model.md'),
  text('guides/own-data.html', 'examples/guides/own-data.md'),
  text('guides/own-op.html', 'examples/guides/own-op.md'),
  text('guides/own-device.html', 'examples/PAGES.md'),
  text('guides/workers.html', 'examples/guides/workers.md'),
  text('guides/debugging.html', 'examples/DEBUGGING.md', 'Debugging a NaN'),
  text('guides/checkpoints.html', 'examples/guides/checkpoints.md'),
  text('guides/half-precision.html', 'examples/guides/half-precision.md'),
  text('guides/how-a-step-flows.html', 'ARCHITECTURE.md', 'How a step flows'),
  text('guides/how-recurrent.html', 'examples/LAB.md'),
  text('guides/many-machines.html', 'examples/QUEUE.md', 'Many machines'),
  text('guides/contributing.html', 'CONTRIBUTING.md', 'A first op, a first model'),
];

/** About the kernels as a whole. */
export const ABOUT_KERNELS: readonly Text[] = [
  text('kernels/conventions.html', 'shaders/README.md', 'Their conventions'),
  text('kernels/performance.html', 'shaders/PERFORMANCE.md', 'What they cost, and what was tried'),
];

/** What was measured, and what came out of it. */
export const RESULTS: readonly Text[] = [
  text('results/index.html', 'examples/results/README.md', 'Claims and runs'),
  text('results/generate/index.html', 'examples/results/generate/README.md'),
  text('results/bench.html', 'examples/bench/README.md'),
  text('results/trace.html', 'examples/bench/TRACE.md', 'What a kernel does with memory'),
  text('results/trust.html', 'examples/TRUST.md', 'Kills, full disks, lost GPUs'),
  text('results/pytorch.html', 'examples/translation/README.md'),
];

/** The rest. */
export const OTHERS: readonly Text[] = [
  text('more/guides.html', 'examples/guides/README.md', 'All guides'),
  text('more/live.html', 'examples/live/README.md'),
  text('more/docs.html', 'examples/docs/README.md'),
  text('more/changes.html', 'CHANGELOG.md'),
];

/** All of them. */
export const TEXTS: readonly Text[] = [...GUIDES, ...ABOUT_KERNELS, ...RESULTS, ...OTHERS];

/** What PERFORMANCE.md and the bench have about a kernel, by the beginning of a section's heading. */
export interface About {
  readonly section: string;
  readonly kernels: RegExp;
  /** Cases of the bench whose time is mostly that of these kernels. */
  readonly cases?: RegExp;
}

export const ABOUT: readonly About[] = [
  { section: 'matmul', kernels: /^matmul/, cases: /^matmul/ },
  { section: 'causalConv', kernels: /^causalConv/, cases: /^causalConv/ },
  {
    section: 'LSTM, GRU, RNN',
    kernels: /^((lstm|gru|rnn)(Step|Sequence|Ends)|delay|ends|steps|transpose)/,
    cases: /^LSTM/,
  },
  { section: 'Elementwise, Adam', kernels: /^(adam|chain|binary|accumulate)$/, cases: /^(Adam|add)$/ },
  { section: 'chain', kernels: /^(chain|fewSteps)$/, cases: /^(1000 adds|adds and subs)$/ },
  { section: 'gate —', kernels: /^gate(Dx)?$/ },
  {
    section: 'layerNorm, cross-entropy',
    kernels: /^(layerNorm|crossEntropy)/,
    cases: /^(layerNorm|cross-entropy)$/,
  },
  { section: 'attention', kernels: /^attention/, cases: /^cross attention/ },
  {
    section: 'additive attention',
    kernels: /^additiveAttention/,
    cases: /^additive attention( training)?$/,
  },
  { section: 'Embedding gradient', kernels: /^embedding/, cases: /^embedding/ },
  { section: 'spectral projection', kernels: /^(spectral|quintic)/, cases: /^spectral/ },
  { section: 'softmax over', kernels: /^clusterTargets/ },
];
