// What comes with a clone: licences, programs that run by being installed, checksums; and that the server of a page is
// for this machine alone.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allowScripts } from '../../package.json';
import { servePage } from '../../src/cli/browser/page.node';
import { complaints, supplied, supplyTable } from '../trust/supply';

test('every package has a licence that was looked at, a checksum, and no program that was not', () => {
  const packages = supplied();
  expect(packages.length).toBeGreaterThan(100);
  expect(complaints(packages)).toEqual([]);
  const running = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  for (const name of Object.keys(allowScripts)) expect(running).toContain(name);
  expect(supplyTable(packages)).toMatch(/\| MIT \| \d+ \|[^]*\| webgpu \| yes \|/);
  const bad = [{ name: 'left', license: 'AGPL-3.0', hasInstallScript: true }];
  expect(complaints(bad)).toEqual([
    'left: its licence is AGPL-3.0',
    'left: it has no sha512',
    'left: it runs a program when installed',
  ]);
});

/** The status of an answer, and its text. */
function ask(port: number, path: string, host: string): Promise<{ status: number; text: string }> {
  return new Promise((done, failed) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += String(part)));
      answer.on('end', () => done({ status: answer.statusCode!, text }));
    });
    asked.on('error', failed).end();
  });
}

test('a page is served to this machine alone, under its own name, and nothing outside of its folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-page-'));
  try {
    mkdirSync(join(folder, 'page'));
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>page</title>');
    writeFileSync(
      join(folder, 'page/vite.config.ts'),
      "export default { base: './', preview: { host: '127.0.0.1', port: 0 } };",
    );
    const { server } = await servePage(join(folder, 'page'), 'error');
    const { address, port } = server.httpServer.address() as AddressInfo;
    try {
      expect(address).toBe('127.0.0.1');
      expect(await ask(port, '/', `localhost:${port}`)).toMatchObject({ status: 200 });
      expect(await ask(port, '/', `127.0.0.1:${port}`)).toMatchObject({ status: 200 });
      for (const foreign of ['evil.example', `evil.example:${port}`, 'localhost.evil.example']) {
        expect(await ask(port, '/', foreign)).toMatchObject({ status: 403 });
      }
      const outside = [
        '/../secret.txt',
        '/..%2fsecret.txt',
        '/%2e%2e/secret.txt',
        '/../vite.config.ts',
        '//etc/passwd',
      ];
      for (const path of [...outside, '/../../../../../../etc/passwd', `/@fs${folder}/secret.txt`]) {
        const { text } = await ask(port, path, `localhost:${port}`);
        expect(text).not.toMatch(/secret|root:|preview:/);
      }
    } finally {
      await server.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
