// What to do where there is no WebGPU: loaded there alone.

import { noAdapter } from './trainer';

const BROWSERS = [
  [
    'Chrome, Edge',
    'version 113 or newer; on Linux switch on chrome://flags/#enable-unsafe-webgpu, and Vulkan',
  ],
  ['Safari', 'version 26 or newer, on macOS, iOS and visionOS'],
  ['Firefox', 'version 141 or newer on Windows, 145 on macOS; elsewhere dom.webgpu.enabled in about:config'],
] as const;

/** What is missing, and what has it, by browser. */
export function NoGpu() {
  return (
    <section class="note wrong" role="alert">
      <h2>This browser offers no WebGPU</h2>
      <p>The page trains on a GPU, or on an adapter that stands in for one. What has it:</p>
      <dl>
        {BROWSERS.map(([name, what]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p>
        It must be loaded over https or from this machine. In a terminal, without a browser: npx seqgpu demo
      </p>
      <pre tabIndex={0}>{noAdapter}</pre>
    </section>
  );
}
