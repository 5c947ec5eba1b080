import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  pid: number;
  command: string;
}

/**
 * The living processes of the service with this data folder. Children inherit the environment, so whatever it
 * started is found by that; but Redis writes its title over its environment, and is found by its working folder.
 * Linux only; elsewhere the answer is always empty.
 */
export function processesOf(dataDir: string): ProcessInfo[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => isSetFor(pid, dataDir) || workingFolder(pid).startsWith(`${dataDir}/`))
    .map((pid) => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    .filter(({ command }) => command !== ''); // A zombie has no command line.
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether a file whose path contains the text is mapped into the process, as native libraries are. Linux only. */
export const hasMapped = (pid: number, text: string) => readProc(String(pid), 'maps').includes(text);

const isSetFor = (pid: string, dataDir: string) => readProc(pid, 'environ').includes(`DATA_DIR=${dataDir}\0`);

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
