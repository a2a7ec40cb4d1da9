// Packages that are the user's to install beside this one.

import { createRequire } from 'node:module';
import { fail } from '../graph/check';

/** Refuses where a package is missing. `what`: the flag that needs them; `from`: the module that looks for them. */
export function checkPackages(what: string, names: readonly string[], from = import.meta.url): void {
  const { resolve } = createRequire(from);
  const missing = names.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (!missing.length) return;
  const [those, are] = missing.length === 1 ? ['package', 'is'] : ['packages', 'are'];
  fail(`${what} needs npm's ${those} ${missing.join(' and ')}, which ${are} not installed beside seqgpu.`, {
    fix: `npm install ${missing.join(' ')}`,
  });
}
