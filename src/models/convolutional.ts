// What convolutional models have no use for, and why.

/** What a model without a state has no use for. */
export const NO_STATE = (model: string) =>
  ({
    carry: `a ${model} has no state to carry; leave it out.`,
    inputBound: 'the bound is for a stable lstm; leave it out.',
    stable: 'a projection is known for rnn and lstm; leave it out.',
  }) as const;

/** What a model with a softmax of its own has no use for. */
export const OWN_SOFTMAX = {
  tied: 'its softmax has a table of its own; leave it out.',
} as const;
