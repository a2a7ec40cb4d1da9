// What `npm test` says at its end: each stage in a line, then every test that failed with the first lines of why, so
// that the end of a long output tells what to mend.

import { relative } from 'node:path';

const LINES_OF_WHY = 6;

/** The tests of Vitest's JSON report that failed, and files that did not load, each as a few lines. */
export function failuresOf({ testResults = [] }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative('.', name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    // A file that does not load has no tests.
    if (status === 'failed' && !failed.length) return [told(file, message)];
    return failed.map(({ fullName, failureMessages }) => told(`${file} > ${fullName}`, failureMessages[0]));
  });
}

function told(where, why = '') {
  const lines = why.split('\n').filter((line) => line.trim() && !/node_modules|at new Promise/.test(line));
  return [where, ...lines.slice(0, LINES_OF_WHY).map((line) => `    ${line}`)].join('\n');
}

/** Prints the summary; its last line is "N passed, N failed". */
export function report(results) {
  console.log('\n── summary');
  for (const result of results) console.log(lineOf(result));
  for (const { name, failures = [] } of results) {
    for (const failure of failures) console.log(`\n${name}: ${failure}`);
  }
  const total = (count) => results.reduce((sum, result) => sum + result[count], 0);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  return total('failed');
}

function lineOf({ name, tests, passed, failed, skipped, notRun, seconds }) {
  const verdict = notRun ? 'NOT RUN' : failed ? 'FAILED' : 'passed';
  const counts = tests && !notRun ? `${passed} passed, ${failed} failed` : '';
  const rest = [counts, skipped && `${skipped} skipped`, notRun].filter(Boolean).join(', ');
  return `${name.padEnd(11)} ${verdict.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${rest}`.trimEnd();
}
