// Study `unstable`: gradient descent on the linear system h_t = a·h_{t-1} + x_t, inside (|a| < 1) and outside of the
// stable regime: which learning rates work, and from how near to the target. Everything is computed in doubles on the
// host: float32 would overflow first, and the failure shown here must not be that of a number format.

import { cells, measure, type UnstableResult, type UnstableSettings } from './unstableCells';
import { unstableFindings } from './unstableFindings';
import type { Study } from '../../runs/study';

/** The study of gradient descent outside the stable regime. */
export const unstable: Study<UnstableSettings, UnstableResult> = {
  name: 'unstable',
  title: 'Gradient descent outside the stable regime',
  claim: 'outside the stable regime gradient descent cannot be expected to work, even for h = a·h + x',
  source: 'Miller (2018); Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369)',
  onHost: true,
  cells,
  run: async ({ settings }) => measure(settings),
  findings: unstableFindings,
};
