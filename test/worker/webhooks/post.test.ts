import { expect, it } from 'vitest';
import { createWebhookAddresses, type LookUp } from '../../../src/core/webhook-address.ts';
import { post } from '../../../src/worker/webhooks/post.ts';
import { startReceiver } from './receiver.ts';

const LOCAL = ['127.0.0.1'];
const running = new AbortController().signal;

function options(
  urls: string[],
  more: { lookUp?: LookUp; privateAddresses?: string[]; timeoutMs?: number } = {},
) {
  const { timeoutMs = 5000, privateAddresses = LOCAL, ...rest } = more;
  return {
    addresses: createWebhookAddresses({ urls, privateAddresses, ...rest }),
    timeoutMs,
    signal: running,
  };
}

it('posts JSON to the address that was looked up, under the name that it has', async () => {
  const { url, received } = await startReceiver();
  const { port } = new URL(url);
  const named = `http://hooks.example.com:${port}`;
  const lookUp = async () => [{ address: '127.0.0.1', family: 4 }];
  const answer = await post(
    `${named}/a?b=1`,
    '{"é":1}',
    { 'webhook-id': 'msg_1' },
    options([named], { lookUp }),
  );
  expect(answer).toEqual({ status: 204, retryAfterMs: 0 });
  expect(received).toMatchObject([
    {
      url: '/a?b=1',
      body: '{"é":1}',
      headers: {
        host: `hooks.example.com:${port}`,
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        'user-agent': expect.stringMatching(/^Stillhouse\//),
      },
    },
  ]);
});

it('a name is looked up once, so that it cannot lead elsewhere when the connection is made', async () => {
  const { url, received } = await startReceiver();
  const named = `http://hooks.example.com:${new URL(url).port}`;
  let asked = 0;
  // First a listed address, then the loopback that is not: the second is what an attacker's name server would say.
  const lookUp = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
  await post(`${named}/a`, '{}', {}, options([named], { lookUp }));
  expect(asked).toBe(1);
  expect(received).toHaveLength(1);
  await expect(post(`${named}/a`, '{}', {}, options([named], { lookUp }))).rejects.toThrow('127.0.0.2');
  expect(received).toHaveLength(1);
});

it('a private address that is not listed gets no connection', async () => {
  const { url, received } = await startReceiver();
  await expect(post(url, '{}', {}, options([url], { privateAddresses: [] }))).rejects.toThrow(
    'no public address',
  );
  await expect(post(url, '{}', {}, options([]))).rejects.toThrow('WEBHOOK_URLS is not set');
  expect(received).toEqual([]);
});

it('redirects are not followed', async () => {
  const other = await startReceiver();
  const { url } = await startReceiver((response) => response.writeHead(307, { location: other.url }).end());
  expect(await post(url, '{}', {}, options([url, other.url]))).toMatchObject({ status: 307 });
  expect(other.received).toEqual([]);
});

it('an endless answer is cut off, and its status counts', async () => {
  let cut = false;
  const { url } = await startReceiver((response) => {
    response.on('close', () => {
      cut = true;
    });
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
    };
    response.writeHead(200).on('drain', more);
    more();
  });
  expect(await post(url, '{}', {}, options([url]))).toMatchObject({ status: 200 });
  await expect.poll(() => cut).toBe(true);
});

it('no answer, a slow name and a closed port are failures with a sentence', async () => {
  const { url } = await startReceiver(() => {});
  await expect(post(url, '{}', {}, options([url], { timeoutMs: 50 }))).rejects.toThrow('within 0.05 seconds');
  const named = 'http://slow.example.com';
  const lookUp = () => new Promise<never>(() => {});
  await expect(post(named, '{}', {}, options([named], { lookUp, timeoutMs: 50 }))).rejects.toThrow(
    'within 0.05',
  );
  const closed = 'http://127.0.0.1:1';
  await expect(post(closed, '{}', {}, options([closed]))).rejects.toThrow('ECONNREFUSED');
});

it('reads for how long the receiver wants to be left alone', async () => {
  const { url } = await startReceiver((response, { url: path }) =>
    response.writeHead(429, { 'retry-after': decodeURIComponent(path.slice(1)) }).end(),
  );
  const asked = async (text: string) =>
    (await post(`${url}/${encodeURIComponent(text)}`, '{}', {}, options([url]))).retryAfterMs;
  expect(await asked('120')).toBe(120_000);
  expect(await asked('Fri, 01 Jan 2100 00:00:00 GMT')).toBeGreaterThan(1e12);
  expect(await asked('Fri, 01 Jan 1999 00:00:00 GMT')).toBe(0);
  expect(await asked('soon')).toBe(0);
});
