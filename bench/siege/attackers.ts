import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

interface Target {
  port: number;
  /** A job that does not end. */
  job: string;
  model: string;
  userOf(user: number): string;
}

const SLOW_BODIES = 200;
const IDLE = 2_000;
const STREAMS = 1_000;
const BATCHES = 100;
const AT_ONCE = 4;
const FLOODS = 6;
/** 200 MB of nothing in 200 KB. */
const GZIP_BOMB = gzipSync(Buffer.alloc(200 * 2 ** 20));
/** A frame that asks for a window of two gigabytes. */
const ZSTD_BOMB = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (31 - 10) << 3, 0, 0, 0, 0]);

/** Begins all attacks, each kind from a loopback address of its own. @returns what ends them, with the answers that they met */
export function besiege({ port, job, model, userOf }: Target): { end(): Promise<Record<string, number>> } {
  const sockets = new Set<Socket>();
  const met: Record<string, number> = {};
  const count = (what: string) => {
    met[what] = (met[what] ?? 0) + 1;
  };
  let isOver = false;

  function open(address: string, first: string, what: string): Socket {
    const socket = connect({ port, host: '127.0.0.1', localAddress: address });
    sockets.add(socket);
    socket.on('error', () => count(`${what}: connection refused or ended`));
    socket.once('data', (answer) => count(`${what}: ${String(answer).slice(9, 12)}`));
    socket.once('connect', () => socket.write(first));
    socket.once('close', () => sockets.delete(socket));
    return socket;
  }

  function ask(address: string, what: string, options: http.RequestOptions, body?: Buffer | string) {
    return new Promise<void>((resolve) => {
      const request = http.request({
        port,
        host: '127.0.0.1',
        localAddress: address,
        agent: false,
        ...options,
      });
      request.on('response', (response) => {
        count(`${what}: ${response.statusCode}`);
        response.resume().once('close', () => resolve());
      });
      request.on('error', () => {
        count(`${what}: connection ended`);
        resolve();
      });
      request.end(body);
    });
  }

  for (let i = 0; i < SLOW_BODIES; i++) {
    const head =
      'POST /items HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n';
    const socket = open('127.0.0.2', head, 'slow body');
    let timer: NodeJS.Timeout | undefined;
    socket.once('connect', () => {
      timer = setInterval(() => socket.write(' '), 1_000);
    });
    socket.once('close', () => clearInterval(timer));
  }
  for (let i = 0; i < IDLE; i++) open('127.0.0.3', '', 'idle');
  for (let i = 0; i < STREAMS; i++)
    open(
      '127.0.0.4',
      `GET /jobs/${job}/events HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`,
      'stream',
    );

  async function again(work: () => Promise<void>): Promise<void> {
    while (!isOver) await work();
  }

  const users = Array.from({ length: 1_000 }, (_, i) => userOf(i));
  const batch = JSON.stringify({ users, k: 60, diversity: 0.5 });
  let batches = 0;
  const abandon = async () => {
    if (batches++ >= BATCHES) return void (await sleep(100));
    const head = `POST /recommend/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${batch.length}\r\n\r\n`;
    const socket = open('127.0.0.5', head + batch, 'batch');
    await sleep(200);
    socket.destroy();
  };
  const form = (bytes: Buffer) => ({
    method: 'POST',
    path: '/imports/preview?kind=interactions&format=csv',
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
  });
  const bomb = (bytes: Buffer, what: string) => async () => {
    await ask('127.0.0.6', what, form(bytes), bytes);
    await sleep(200);
  };
  const flood = () =>
    ask('127.0.0.7', 'range', {
      path: `/models/${model}/versions/1/files/weights.safetensors`,
      headers: { range: 'bytes=0-0' },
    });
  const running = [
    ...Array.from({ length: AT_ONCE }, () => again(abandon)),
    again(bomb(GZIP_BOMB, 'gzip bomb')),
    again(bomb(ZSTD_BOMB, 'zstd bomb')),
    ...Array.from({ length: FLOODS }, () => again(flood)),
  ];
  return {
    async end() {
      isOver = true;
      await Promise.all(running);
      for (const socket of sockets) socket.destroy();
      return met;
    },
  };
}
