// A claim of the article with what speaks for and against it, and what numbers make of it.

/** What the numbers make of a claim: see VERDICTS. */
export type Verdict = 'shown' | 'shown in small' | 'not shown' | 'contradicted';

/** What the words mean, as the page says it. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  shown: 'holds wherever it was measured, and the measure is exact or its interval leaves no doubt',
  'shown in small':
    'our numbers say so, of fewer parameters, shorter trainings or one seed than were published',
  'not shown': 'too little was trained, or the difference lies within what seeds make of it',
  contradicted: 'our numbers say the opposite, at the size that they are of',
};

/** One experiment on a claim. */
export interface Evidence {
  readonly experiment: string;
  /** Our number with its interval or its n, in words. */
  readonly ours: string;
  /** The published number; a dash where there is none. */
  readonly published: string;
  readonly verdict: Verdict;
  /** What a shell needs to do it again. */
  readonly command: string;
  readonly seconds: number;
  /** Folder of the results. */
  readonly folder: string;
  /** The page that tells of them, from the folder of all results; default: `report.html` in theirs. */
  readonly page?: string;
}

/** A claim with the experiments that bear on it. */
export interface Claim {
  /** What the article says. */
  readonly title: string;
  readonly evidence: readonly Evidence[];
}

/** Its experiments' verdicts, from the best to the worst, each once: `shown in small; contradicted`. */
export function verdictsOf({ evidence }: Claim): string {
  const order = Object.keys(VERDICTS);
  const found = new Set(evidence.map(({ verdict }) => verdict));
  return [...found].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join('; ');
}
