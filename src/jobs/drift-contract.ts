import type { DriftFigures } from '../domain/drift/drift-check.ts';

/** Worker -> process of one check, once, after the fork. */
export interface DriftTask {
  model: string;
  /** Recent users that are looked at. */
  sample: number;
  databaseUrl: string;
  artifactsUrl: string;
  tensorBackend: string;
  tensorMemoryMiB?: number;
}

/** Process of one check -> worker, once. */
export type DriftMessage = { kind: 'measured'; figures: DriftFigures } | { kind: 'failed'; reason: string };
