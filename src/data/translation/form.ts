// What is needed to translate by a trained model, beside the model itself.

import type { SentenceCoder } from './coder';
import type { PairShape } from './shapes';

/** How sentences are read and written, and the longest that were seen, their ends counted. */
export interface SentenceForm {
  readonly coder: SentenceCoder;
  readonly longest: PairShape;
}
