import { test } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { kernel } from '../../src/wgsl/reflect';
test('x', () => {
  for (const f of readdirSync('shaders').filter((f) => f.endsWith('.wgsl'))) {
    const { reflection: r } = kernel(f.replace('.wgsl', ''), readFileSync('shaders/' + f, 'utf8'));
    console.log((r.folds ? 'folds   ' : 'NOT     ') + r.name + '  ' + r.bindings.filter((b) => b.holds).map((b) => b.name + ':' + b.holds).join(' '));
  }
});
