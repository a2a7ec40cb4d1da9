// Study `tcn`: the temporal convolutional network against recurrent ones of equal size, on the small tasks of Bai,
// Kolter and Koltun 2018 (arXiv 1803.01271), with their table 1 beside ours.

import { isBaseline, runBaselines } from '../baselines';
import { cells, tasksOf, type TcnResult, type TcnSettings } from './tcnCells';
import { tcnFindings } from './tcnFindings';
import type { Cell, Context, Study } from '../../runs/study';
import { train } from '../../runs/training';

const run = ({ settings }: Cell<TcnSettings>, context: Context): Promise<TcnResult> =>
  isBaseline(settings) ? runBaselines(settings, context) : train(settings, context);

/** The study of the TCN beside recurrent nets. */
export const tcn: Study<TcnSettings, TcnResult> = {
  name: 'tcn',
  title: 'TCN against recurrent nets',
  claim: 'a convolutional net beats recurrent ones of equal size on the tasks that were made to test these',
  source:
    'Bai, Kolter & Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence ' +
    'Modeling" (arXiv 1803.01271)',
  tasks: tasksOf,
  cells,
  run,
  words: (result) =>
    'baselines' in result ? 'counted' : `${result.test?.toPrecision(3) ?? 'diverged'} ${result.metric}`,
  findings: tcnFindings,
};
