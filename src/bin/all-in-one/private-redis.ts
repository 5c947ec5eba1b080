import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { askRedis, isAnswering, socketPathFor } from './redis-socket.ts';

export interface PrivateRedis {
  /** `unix:///...` */
  url: string;
  /** Process id of the server itself. */
  pid: number;
  /** Resolves when the server is gone, for whatever reason. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 10_000;
const POLL_MS = 25;

/**
 * Starts the server given as "$@" and ends it when standard input closes, which the system does for us even when
 * the process that holds the other end is killed with -9. Redis itself has no such watch.
 */
const DIES_WITH_PARENT = `
exec 3<&0
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -TERM "$server"; } 2>/dev/null &
watch=$!
wait "$server"
code=$?
kill "$watch" 2>/dev/null
exit "$code"`;

/**
 * A Redis for this data folder alone: no port, only a Unix socket; append-only file; never evicts. The caller holds
 * the lock on the folder, so a server that answers there is an orphan of an earlier start: it is stopped first.
 */
export async function startPrivateRedis(options: { server: string; dir: string }): Promise<PrivateRedis> {
  const dir = path.resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const socket = socketPathFor(dir);
  await stopOrphan(socket);
  const logFile = path.join(dir, 'redis.log');
  const pidFile = path.join(dir, 'redis.pid');
  const shell = spawn(
    '/bin/sh',
    ['-c', DIES_WITH_PARENT, 'sh', options.server, ...settings(dir, socket, pidFile, logFile)],
    // A group of its own: Ctrl-C in a terminal must reach Redis last, not at the same moment as everybody else.
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  );
  const exited = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  // The pipe breaks when the shell is killed; that is seen as its exit.
  shell.stdin.on('error', () => {});
  await untilReady(shell, socket, logFile);
  return {
    // Not encodeURI, which leaves # and ? as they are.
    url: pathToFileURL(socket).href.replace(/^file:/, 'unix:'),
    pid: Number(readFileSync(pidFile, 'utf8')),
    exited,
    stop: () => stop(shell, exited),
  };
}

function settings(dir: string, socket: string, pidFile: string, logFile: string): string[] {
  const pairs = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir,
    pidfile: pidFile,
    logfile: logFile,
    loglevel: 'warning',
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
  };
  return Object.entries(pairs).flatMap(([name, value]) => [`--${name}`, value]);
}

async function stopOrphan(socket: string): Promise<void> {
  if (!(await isAnswering(socket))) return;
  await askRedis(socket, 'SHUTDOWN', STOP_MS).catch(() => '');
  const deadline = Date.now() + STOP_MS;
  while (await isAnswering(socket)) {
    if (Date.now() > deadline) throw new Error(`An older Redis at ${socket} does not stop; stop it by hand.`);
    await sleep(POLL_MS);
  }
}

async function untilReady(shell: ChildProcess, socket: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (shell.exitCode !== null || shell.signalCode !== null || shell.pid === undefined) {
      throw new Error(`Redis did not start. The end of ${logFile}:\n${lastLines(logFile)}`);
    }
    const answer = await askRedis(socket, 'PING', 1000).catch(() => '');
    if (answer.startsWith('+PONG')) return;
    if (Date.now() > deadline) {
      killGroup(shell);
      throw new Error(`Redis was not ready within ${START_MS / 1000} s; see ${logFile}.`);
    }
    await sleep(POLL_MS);
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  } catch {
    return '(empty)';
  }
}

async function stop(shell: ChildProcess, exited: Promise<void>): Promise<void> {
  shell.stdin?.end();
  const timer = setTimeout(() => killGroup(shell), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** The shell leads a process group of its own, in which there is nothing but the server and its watch. */
function killGroup(shell: ChildProcess): void {
  try {
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
