// The symbols of translation that are no words: the same for source and target, before the tokens of any vocabulary.

/** Fills sequences up to the length of a batch; does not count. */
export const PAD = 0;
/** Ends every sequence; a target also begins with it, as in fairseq. */
export const END = 1;
/** Stands for words and characters that the vocabulary does not have. */
export const UNKNOWN = 2;
/** The first symbol that is a token. */
export const FIRST = 3;
