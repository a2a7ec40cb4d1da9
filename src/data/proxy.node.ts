// fetch through the proxy that the environment names: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, but for hosts in NO_PROXY.
// Node's own fetch knows no proxies before version 24.

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect } from 'node:tls';

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 20;
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const portOf = ({ port, protocol }: URL): string => port || PORTS[protocol];

/** The proxy for an address; undefined where there is none. */
export function proxyFor(url: URL, env: Environment = process.env): URL | undefined {
  const named = (name: string) => env[name.toLowerCase()] || env[name];
  const proxy = named(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || named('ALL_PROXY');
  if (!proxy || isExempt(url, named('NO_PROXY') ?? '')) return undefined;
  return new URL(/^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`);
}

/** Whether a list names a host, its domain, or both with its port. */
function isExempt(url: URL, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name, port] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (!name || (port && port !== portOf(url))) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}

/** fetch, through a proxy where the environment names one. */
export async function fetchData(address: string, asked: Asked): Promise<Response> {
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const proxy = proxyFor(url);
    if (!proxy) return fetch(url, asked);
    const message = await send(url, proxy, asked);
    const { statusCode: status = 0, headers } = message;
    if (![301, 302, 303, 307, 308].includes(status) || !headers.location) return responseOf(message);
    message.resume();
    if (redirects === MOST_REDIRECTS) throw new Error(`${address}: more than ${MOST_REDIRECTS} redirects`);
    url = new URL(headers.location, url);
  }
}

function responseOf(message: IncomingMessage): Response {
  const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array>;
  return new Response(body, { status: message.statusCode, headers });
}

async function send(url: URL, proxy: URL, { headers, signal }: Asked): Promise<IncomingMessage> {
  if (url.protocol === 'http:') {
    const all = { ...headers, ...authorization(proxy), host: url.host };
    return answer(ask(proxy, { path: url.href, headers: all, signal }));
  }
  const socket = await tunnel(url, proxy, signal);
  const createConnection = () => connect({ socket, servername: url.hostname });
  return answer(httpsRequest(url, { headers, signal, agent: false, createConnection }));
}

/** A connection to a host behind the proxy. */
function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const host = `${url.hostname}:${portOf(url)}`;
  const headers = { ...authorization(proxy), host };
  const asked = ask(proxy, { method: 'CONNECT', path: host, headers, signal });
  return new Promise((done, failed) => {
    asked.on('error', failed);
    asked.on('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) return done(socket);
      socket.destroy();
      failed(new Error(`the proxy ${proxy.host} answers ${statusCode} for ${host}`));
    });
    asked.end();
  });
}

function ask(proxy: URL, options: RequestOptions) {
  const { hostname: host } = proxy;
  const to = { host, port: portOf(proxy), agent: false as const, ...options };
  return proxy.protocol === 'https:' ? httpsRequest({ ...to, servername: host }) : httpRequest(to);
}

function answer(asked: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((done, failed) => {
    asked.on('error', failed);
    asked.on('response', done);
    asked.end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(words).toString('base64')}` };
}
