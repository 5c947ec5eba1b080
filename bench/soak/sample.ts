import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const MIB = 2 ** 20;

/** Memory and open handles of a process, as Linux counts them. */
export function processFigures(pid: number): { rssMiB: number; handles: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssMiB: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** The 99th percentile of the event loop's delay since the last question, and the heap in use, as `/metrics` tells them. */
export async function loopFigures(url: string): Promise<{ lagMs: number; heapMiB: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    lagMs: read('nodejs_eventloop_lag_p99_seconds') * 1000,
    heapMiB: read('nodejs_heap_size_used_bytes') / MIB,
  };
}

/** Disk that each part of a folder takes, in MiB. */
export function diskFigures(folder: string): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const name of readdirSync(folder))
    parts[partOf(name)] = (parts[partOf(name)] ?? 0) + mebibytes(path.join(folder, name));
  return parts;
}

const partOf = (name: string) =>
  name.endsWith('-wal') ? 'log of the database' : name.includes('.db') ? 'database' : name;

/** A file that goes while we look counts nothing. */
function mebibytes(place: string): number {
  try {
    const found = lstatSync(place);
    if (!found.isDirectory()) return (found.blocks * 512) / MIB;
    return readdirSync(place).reduce((sum, name) => sum + mebibytes(path.join(place, name)), 0);
  } catch {
    return 0;
  }
}
