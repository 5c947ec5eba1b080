import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface DataDirLock {
  /** An earlier start did not end in order; something of it may still be on its way out. */
  wasStale: boolean;
  release(): void;
}

interface Owner {
  pid: number;
  /** Tells a process from a later one with the same number. */
  mark: string;
}

/**
 * One Stillhouse per data folder. The lock of a process that is gone is taken over.
 * @throws Error that names the folder and the process that uses it
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'stillhouse.lock');
  const content = JSON.stringify({ pid: process.pid, mark: markOf(process.pid) } satisfies Partial<
    Record<keyof Owner, unknown>
  >);
  let wasStale = false;
  while (!place(file, content)) {
    const held = read(file);
    const owner = held === null ? null : parse(held);
    if (owner && markOf(owner.pid) === owner.mark) {
      throw new Error(
        `Another Stillhouse (process ${owner.pid}) uses ${dataDir}: stop it, or set another DATA_DIR and PORT.`,
      );
    }
    if (held !== null) wasStale = removeStale(file, held) || wasStale;
  }
  return {
    wasStale,
    release() {
      if (read(file) === content) rmSync(file, { force: true });
    },
  };
}

/** The content appears together with the name: another starter never reads an empty lock. */
function place(file: string, content: string): boolean {
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, content);
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Another starter may have replaced the stale lock by its own in the meantime: then that one is put back. */
function removeStale(file: string, stale: string): boolean {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return false;
  }
  const isStale = read(aside) === stale;
  if (!isStale) linkSync(aside, file);
  rmSync(aside, { force: true });
  return isStale;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    return typeof owner.pid === 'number' && typeof owner.mark === 'string' ? (owner as Owner) : null;
  } catch {
    return null;
  }
}

/** When the process started, or null when there is none of that number. Numbers are used again; starts are not. */
function markOf(pid: number): string | null {
  if (process.platform === 'linux') {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === null) return null;
    // The second field is the program's name in parentheses and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = read('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
    return fields[0] === 'Z' ? null : `${boot} ${fields[19]}`;
  }
  const started = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim();
  return started || null;
}
