import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Counts the parts of a job's work that were ever kept (checkpoints by their epoch, teachers, lists), each once however often it
 * is done again. So a job whose trainer dies tells one that gets on from one that runs into the same wall each time. The list
 * lies with the job's checkpoints, as it is worth nothing without them.
 */
export function createKeptMarks(folder: string, onKept: (parts: number) => void) {
  const file = path.join(folder, 'kept');
  let all: Promise<Set<string>> | undefined;

  async function readAll(): Promise<Set<string>> {
    const text = await readFile(file, 'utf8').catch(() => '');
    return new Set(text.split('\n').filter((line) => line !== ''));
  }

  /** @param mark a name without line ends */
  return async function kept(mark: string): Promise<void> {
    all ??= readAll();
    const marks = await all;
    if (marks.has(mark)) return;
    marks.add(mark);
    await mkdir(folder, { recursive: true });
    await appendFile(file, `${mark}\n`);
    onKept(marks.size);
  };
}
