// The files of the spoken digits, for every task that hears them.

import { allBytes, type ByteSource } from '../../data/byteSource';
import { SPEAKERS, fileName, readDigits, recordings, type SpokenDigits } from '../../data/spokenDigits';

const NAMES = Array.from(recordings(), (one) => fileName(...one));

/** What is read of the data folder, by name. */
export const DIGIT_FILES = NAMES.map((name) => `fsdd/${name}`);

/** All recordings, from those files. */
export const readRecordings = (files: readonly ByteSource[]): SpokenDigits =>
  readDigits(SPEAKERS, (name) => allBytes(files[NAMES.indexOf(name)]));
