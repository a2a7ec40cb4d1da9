// How much may be computed.

/**
 * small: under five minutes on two CPU cores, of shootout ten; medium: about an hour there, of stability one and a
 * half; full: for a GPU.
 */
export const BUDGETS = ['small', 'medium', 'full'] as const;
/** One of BUDGETS. */
export type Budget = (typeof BUDGETS)[number];
