// A recording of a spoken digit of the data folder, to be seen beside one that was made.

import { readFileSync } from 'node:fs';
import { dataFile } from '../../data/folder.node';
import { muLawEncode } from '../../data/muLaw';
import { fileName, type Speaker } from '../../data/spokenDigits';
import { decodeWav } from '../../data/wav';
import type { Value } from '../../spec/option';

/** The μ-law codes of the first recording of the test that says it; `data`: what --data was given. */
export function codesOfRecording(digit: number, speaker: Speaker, data: Value | undefined): number[] {
  const option = data === undefined ? undefined : String(data);
  const path = dataFile(`fsdd/${fileName(digit, speaker, 0)}`, { option });
  return [...muLawEncode(decodeWav(readFileSync(path), path).samples)];
}
