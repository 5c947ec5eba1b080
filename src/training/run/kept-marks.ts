import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { SharedFiles } from './shared-files.ts';

interface Keeping {
  /** Told how many parts of the work are kept by now, whenever that grows. */
  onKept?(parts: number): void;
  logger: Logger;
  /** Where the marks of other machines are. */
  shared?: Pick<SharedFiles, 'fetch' | 'send'> | undefined;
}

/**
 * Counts the parts of a job's work that were ever kept (checkpoints by their epoch, teachers, lists), each once however often it
 * is done again. So a job whose trainer dies tells one that gets on from one that runs into the same wall each time. The list
 * lies with the job's checkpoints, as it is worth nothing without them.
 */
export function createKeptMarks(folder: string, { onKept, logger, shared }: Keeping) {
  const file = path.join(folder, 'kept');
  let all: Promise<Set<string>> | undefined;

  async function readAll(): Promise<Set<string>> {
    const elsewhere = `${file}.elsewhere`;
    await shared?.fetch(file, elsewhere);
    const texts = [file, elsewhere].map((each) => readFile(each, 'utf8').catch(() => ''));
    return new Set(
      (await Promise.all(texts))
        .join('\n')
        .split('\n')
        .filter((line) => line !== ''),
    );
  }

  /** @param mark a name without line ends. A note that cannot be written fails nothing. */
  return async function kept(mark: string): Promise<void> {
    all ??= readAll();
    const marks = await all;
    if (marks.has(mark)) return;
    marks.add(mark);
    onKept?.(marks.size);
    try {
      await mkdir(folder, { recursive: true });
      await appendFile(file, `${mark}\n`);
      shared?.send(file);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'a part is kept without a note');
    }
  };
}
