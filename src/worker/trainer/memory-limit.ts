import { readFileSync } from 'node:fs';

const LOOK_MS = 500;

/**
 * Calls back once when the process takes more memory than it may. The kernel is asked and not the process, which
 * may be inside a native call for minutes.
 * @returns ends the watch
 */
export function watchMemory(
  pid: number,
  mostMiB: number,
  onExcess: (rssMiB: number) => void,
  lookMs = LOOK_MS,
): () => void {
  const timer = setInterval(() => {
    const rssMiB = residentMiB(pid);
    if (rssMiB === null || rssMiB <= mostMiB) return;
    clearInterval(timer);
    onExcess(rssMiB);
  }, lookMs);
  return () => clearInterval(timer);
}

/** Null when the process is gone, or on a system without /proc. */
function residentMiB(pid: number): number | null {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Math.round(Number(found[1]) / 1024) : null;
  } catch {
    return null;
  }
}
