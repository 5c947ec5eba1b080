import { fork } from 'node:child_process';
import path from 'node:path';

export interface LoadOrder {
  what: 'hello' | 'recommend' | 'interactions';
  url: string;
  seconds: number;
  connections: number;
  /** Without it as many as are answered. */
  perSecond?: number;
  /** Random ones of so many, or each of them once and then no more. */
  users: number;
  isOnceEach?: boolean;
  items: number;
  seed: number;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Everything but an answer with status 200. */
  failed: number;
  failures: Record<string, number>;
}

export function load(order: LoadOrder): Promise<LoadResult> {
  const child = fork(path.join(import.meta.dirname, 'load-child.js'), [JSON.stringify(order)]);
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as LoadResult));
    child.once('error', reject);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the load process ended with ${code}`)));
  });
}
