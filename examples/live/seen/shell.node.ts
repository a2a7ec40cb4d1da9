// How large the page is before any scene.

import { gzipSync } from 'node:zlib';
import type { Served } from '../../../src/cli/live/site.node';

/** Paths of the shell in a built page: what loads at once, and uPlot. */
export function shellOf(files: ReadonlyMap<string, Served>): string[] {
  const page = Buffer.from(files.get('/')!.bytes()).toString();
  const first = [...page.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  return ['/', ...first, ...[...files.keys()].filter((path) => path.includes('/uPlot'))];
}

/** KiB of a file, zipped as hosts zip it. */
export const zippedKiB = (file: Served): number => gzipSync(file.bytes(), { level: 9 }).length / 1024;
