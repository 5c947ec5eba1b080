import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import { distillationJob } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  return service?.close();
});

const PATIENT = { timeout: 10_000 };

/** A connection that has sent this, and what came back until the other side ended it. */
async function talk(sent: string) {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  let text = '';
  let isClosed = false;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.once('close', () => {
    isClosed = true;
  });
  await once(socket, 'connect');
  socket.write(sent);
  return { socket, answer: () => text, isClosed: () => isClosed };
}

const post = (length: number, type = 'application/json', path = '/items') =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;

it('a body that comes too slowly is answered 408, and its connection is closed', async () => {
  service = await startService({ limits: { bodyGraceMs: 20, bodyBytesPerSecond: 1_000_000 } });
  const { answer, isClosed } = await talk(`${post(100_000)}{"items`);
  await expect.poll(isClosed, PATIENT).toBe(true);
  expect(answer()).toMatch(/^HTTP\/1\.1 408 .*MIN_BODY_BYTES_PER_SECOND/s);
});

it('so is one that takes too long, and an upload as well', async () => {
  service = await startService({ limits: { bodyGraceMs: 20, bodyBytesPerSecond: 0, bodyMs: 50 } });
  const { answer, isClosed } = await talk(
    `${post(100_000, 'text/csv', '/imports?kind=items&format=csv')}itemId\n`,
  );
  await expect.poll(isClosed, PATIENT).toBe(true);
  expect(answer()).toContain('408');
});

it('headers that do not end are answered 408, and so is a connection that says nothing', async () => {
  service = await startService({ limits: { headersMs: 100 } });
  const [slow, silent] = [await talk('GET /health/live HTTP/1.1\r\nhost: local'), await talk('')];
  await expect.poll(slow.isClosed, PATIENT).toBe(true);
  expect(slow.answer()).toContain('408');
  await expect.poll(silent.isClosed, PATIENT).toBe(true);
});

it('an address has no more connections than it may, and gets new ones when old ones end', async () => {
  service = await startService({ limits: { connectionsPerAddress: 2 } });
  const [one] = [await talk(''), await talk('')];
  const third = await talk('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n').catch(() => null);
  if (third) await expect.poll(third.isClosed, PATIENT).toBe(true);
  expect(third?.answer() ?? '').toBe('');
  one.socket.destroy();
  await expect
    .poll(
      () =>
        request(service.url)
          .get('/health/live')
          .then(
            ({ status }) => status,
            () => 0,
          ),
      PATIENT,
    )
    .toBe(200);
});

it('what is refused with its body unread closes its connection', async () => {
  service = await startService();
  const { answer, isClosed } = await talk(`${post(500, 'text/plain')}`);
  await expect.poll(isClosed, PATIENT).toBe(true);
  expect(answer()).toMatch(/^HTTP\/1\.1 415 /);
  expect(answer()).toMatch(/connection: close/i);
});

it('streams of events have a number for each caller', async () => {
  service = await startService({ limits: { eventStreams: 1 } });
  await service.store.jobs.create(distillationJob('job-1'));
  const ask = 'GET /jobs/job-1/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n';
  const first = await talk(ask);
  await expect.poll(first.answer, PATIENT).toContain('retry:');
  const get = () => request(service.url).get('/jobs/job-1/events').set('accept', 'text/event-stream');
  expectProblem(await get(), 429, 'rate-limited', /MAX_EVENT_STREAMS/);
  await request(service.url).get('/jobs/job-1/events').expect(200);
  first.socket.destroy();
  await expect
    .poll(async () => {
      const { answer, socket } = await talk(ask);
      await once(socket, 'data');
      socket.destroy();
      return answer();
    }, PATIENT)
    .toContain('200 OK');
});
