// The parts of data that validate and test, as they are given: what is left must be enough for the rest.

import { fail } from '../../graph/check';

/** Fails where a split would have nothing. `subject` is what complains; `testless`: what validates may test too. */
export function checkParts(subject: string, validPart: number, testPart: number, testless = false): void {
  const refuse = (what: string, fix: string) => fail(`${subject}: ${what}.`, { fix });
  const inside = (part: number, least: boolean) => part < 1 && (least ? part >= 0 : part > 0);
  if (!inside(validPart, false)) {
    const none = validPart === 0 ? ' leaves nothing to validate on' : ' is no part';
    refuse(`a part of ${validPart} for validation${none}`, 'give --valid-part above 0 and below 1.');
  }
  if (!inside(testPart, testless)) {
    const none = testPart === 0 ? ' leaves nothing to test on' : ' is no part';
    refuse(
      `a part of ${testPart} for test${none}`,
      `give --test-part ${testless ? 'from' : 'above'} 0, below 1.`,
    );
  }
  if (validPart + testPart < 1) return;
  refuse(
    `parts of ${validPart} for validation and ${testPart} for test leave nothing to train on`,
    'give parts that are below 1 together.',
  );
}
