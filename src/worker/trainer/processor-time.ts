import { readFileSync } from 'node:fs';

/**
 * Tells of a process whether it has had processor time since the last question; on a system without /proc, or of a process
 * that is gone, always true: nobody can say that it stands still. The kernel counts in hundredths of a second.
 */
export function createWorkSince(pid: number): () => boolean {
  let before: number | null = null;
  return () => {
    const now = ticksOf(pid);
    const hasWorked = now === null || now !== before;
    before = now;
    return hasWorked;
  };
}

/** Time of its user and of the system for it, all threads together. */
function ticksOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return null;
  }
}
