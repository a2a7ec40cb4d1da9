// What to expect of an adapter that computes on the CPU: loaded there alone.

import { adapter } from './trainer';

/** What was measured. */
export function Slow() {
  return (
    <p class="note slow">
      <strong>This adapter computes on the CPU:</strong> {adapter.value!.gflops!.toFixed(1)} GFLOP/s in a
      product of matrices, measured just now; a small GPU has hundreds of times as much. Everything works,
      slowly. Other tabs that compute make it slower.
    </p>
  );
}
