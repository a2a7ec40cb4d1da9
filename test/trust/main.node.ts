// `npm run trust -- [COUNT]`: so many damaged variants of every kind of file that the program reads, and what became
// of them; examples/TRUST.md has the latest.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORMATS } from './formats';
import { assail } from './hostile';

/** Prints a row of a Markdown table for each kind of file; the exit code is 1 where one was not read as it should. */
export async function main([count = '1000']: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-trust-'));
  try {
    console.log('| file | variants | read | refused by a clear error | wrong |');
    console.log('| --- | ---: | ---: | ---: | ---: |');
    for (const format of FORMATS) {
      const { format: name, read, refused, wrong } = await assail(format, Number(count), folder);
      console.log(`| ${name} | ${count} | ${read} | ${refused} | ${wrong.length} |`);
      for (const line of wrong) console.error(line);
      if (wrong.length) process.exitCode = 1;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
