// @ts-check
// Starts the service for the demo, or finds the one that already runs on the same data folder.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../setup/paths.mjs';

const READY_MS = 60_000;

/**
 * @returns {Promise<{ base: string, log: string, ended: Promise<void>, stop: () => Promise<void> }>}
 * ended: when the service is gone, whoever stopped it
 */
export async function startService() {
  const dataDir = resolve(process.env.DATA_DIR || join(projectRoot, 'data'));
  const host = process.env.HOST || '127.0.0.1';
  const port = await choosePort(host);
  mkdirSync(dataDir, { recursive: true });
  const log = join(dataDir, 'demo.log');
  const output = openSync(log, 'w');
  // A group of its own: Ctrl-C reaches the demo, and the demo stops the service in order.
  const child = spawn(process.execPath, [join(projectRoot, 'dist/bin/stillhouse.js')], {
    cwd: projectRoot,
    env: { ...process.env, DATA_DIR: dataDir, HOST: host, PORT: String(port) },
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  });
  /** @type {Promise<void>} */
  const ended = new Promise((settle) => child.once('exit', () => settle()));
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  };
  const base = `http://${host}:${port}`;
  try {
    await Promise.race([untilReady(base), ended.then(() => Promise.reject(new Error(lastLine(log))))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, log: relative(process.cwd(), log), ended, stop };
}

/** The port that was asked for, else 3000, else any: a demo should not fail over somebody else's server. */
async function choosePort(/** @type {string} */ host) {
  if (process.env.PORT) return Number(process.env.PORT);
  return (await canListen(host, 3000)) ?? (await canListen(host, 0)) ?? 3000;
}

/** @param {string} host @param {number} port @returns {Promise<number | undefined>} */
function canListen(host, port) {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(undefined));
    server.listen({ host, port, exclusive: true }, () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => settle(address.port));
    });
  });
}

/** @param {string} base */
async function untilReady(base) {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${base}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(100);
  }
  throw new Error(`The service was not ready within ${READY_MS / 1000} s.`);
}

/** @param {string} log */
function lastLine(log) {
  const line = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1);
  return line ? line : 'The service ended before it was ready.';
}
