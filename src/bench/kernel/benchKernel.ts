// One kernel of one's own, measured: a row beside the adapter's ceilings, and how right it is.

import type { Ceiling } from '../ceiling';
import type { Report, ReportRow } from '../report';
import { bench, type BenchOptions } from '../run';
import { isRight, type Agreement } from './agreement';
import { kernelCase, type OwnKernel } from './kernelCase';

/** How a kernel is measured: as `bench` is told. */
export type BenchKernelOptions = Omit<BenchOptions, 'cases' | 'metrics' | 'firstResult'>;

/** What is known of a kernel of one's own. */
export interface KernelReport {
  /** Each result beside the reference; none without a reference. */
  readonly results: readonly Agreement[];
  /** Null where a result is further off than its tolerance: what is wrong is not measured. */
  readonly row: ReportRow | null;
  /** What the adapter can do at most, measured in the same rounds. */
  readonly ceiling: Ceiling | null;
  /** The row alone as a report of the bench, to be kept or compared. */
  readonly report: Report | null;
}

/** Compiles a kernel, compares its results with the reference, and measures it, in turns with the ceilings. */
export async function benchKernel(own: OwnKernel, options: BenchKernelOptions): Promise<KernelReport> {
  let results: readonly Agreement[] = [];
  const one = kernelCase(own, (found) => (results = found));
  try {
    const report = await bench({ ...options, cases: [one] });
    return { results, row: report.rows[0], ceiling: report.ceiling, report };
  } catch (error) {
    if (results.every((result) => isRight(result, own.tolerance))) throw error;
    return { results, row: null, ceiling: null, report: null };
  }
}
