import type { DriftFigures } from '../../domain/drift/drift-check.ts';
import type { DriftMessage, DriftTask } from '../../jobs/drift-contract.ts';
import { askChild } from '../trainer/ask-child.ts';

/** A sample of users takes seconds; whatever takes so long hangs. */
const PATIENCE_MS = 30 * 60_000;

/**
 * Measures one model in a process of its own.
 * @param signal ends it at once
 * @throws Error with the reason why nothing was measured
 */
export async function runDriftProcess(
  child: { file: URL; env: Record<string, string | undefined> },
  task: DriftTask,
  signal: AbortSignal,
): Promise<DriftFigures> {
  const message = await askChild<DriftMessage>({ ...child, task, patienceMs: PATIENCE_MS, signal });
  if (message.kind === 'failed') throw new Error(message.reason);
  return message.figures;
}
