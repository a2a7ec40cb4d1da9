// Downloads through a proxy: which one an address has, and what it is asked.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchData, proxyFor } from '../../src/data/proxy.node';

describe('the proxy of an address', () => {
  test.each([
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:8080' }, 'p:8080'],
    ['https://a.example/x', { https_proxy: 'q:3128', HTTPS_PROXY: 'http://p:8080' }, 'q:3128'],
    ['http://a.example/x', { HTTPS_PROXY: 'http://p:8080' }, undefined],
    ['http://a.example/x', { ALL_PROXY: 'http://p:8080' }, 'p:8080'],
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:8080', NO_PROXY: 'b.example,a.example' }, undefined],
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:8080', NO_PROXY: '.example' }, undefined],
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:8080', no_proxy: '*' }, undefined],
    ['https://a.example/x', { HTTPS_PROXY: 'http://p:8080', NO_PROXY: 'a.example:8443, ample' }, 'p:8080'],
    ['https://a.example/x', { HTTPS_PROXY: '' }, undefined],
    ['https://a.example/x', {}, undefined],
  ])('%s with %j: %s', (address, env, host) => {
    expect(proxyFor(new URL(address), env as Record<string, string>)?.host).toBe(host);
  });
});

describe('through a proxy', () => {
  let proxy: Server;
  const asked: { method?: string; url?: string; authorization?: string; range?: string }[] = [];
  const signal = new AbortController().signal;

  beforeEach(async () => {
    asked.length = 0;
    proxy = createServer(({ method, url, headers }, response) => {
      asked.push({ method, url, authorization: headers['proxy-authorization'], range: headers.range });
      if (url === 'http://data.example/old') response.writeHead(302, { location: '/new' }).end();
      else response.writeHead(206, { 'content-range': 'bytes 2-4/5' }).end('cde');
    });
    proxy.on('connect', ({ method, url }, socket) => {
      asked.push({ method, url });
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const { port } = proxy.address() as AddressInfo;
    vi.stubEnv('http_proxy', `http://me:p%40ss@127.0.0.1:${port}`);
    vi.stubEnv('https_proxy', `http://127.0.0.1:${port}`);
    vi.stubEnv('no_proxy', '');
    vi.stubEnv('NO_PROXY', '');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    proxy.closeAllConnections();
    await new Promise((done) => proxy.close(done));
  });

  test('an address is asked for whole, with who asks and which bytes, and followed where it moved', async () => {
    const response = await fetchData('http://data.example/old', { headers: { range: 'bytes=2-' }, signal });
    expect([response.status, response.ok, await response.text()]).toEqual([206, true, 'cde']);
    expect(response.headers.get('content-range')).toBe('bytes 2-4/5');
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const common = { method: 'GET', authorization, range: 'bytes=2-' };
    expect(asked).toEqual(['old', 'new'].map((name) => ({ ...common, url: `http://data.example/${name}` })));
  });

  test('a secure one goes through a tunnel, and a proxy that refuses is named', async () => {
    await expect(fetchData('https://data.example/x', { headers: {}, signal })).rejects.toThrow(
      /the proxy 127\.0\.0\.1:\d+ answers 403 for data\.example:443/,
    );
    expect(asked).toEqual([{ method: 'CONNECT', url: 'data.example:443' }]);
  });

  test('what is stopped ends', async () => {
    const stopped = AbortSignal.abort(new Error('no byte for 1 s'));
    await expect(fetchData('http://data.example/x', { headers: {}, signal: stopped })).rejects.toThrow(
      'aborted',
    );
  });
});
