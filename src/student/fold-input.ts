import { scaleRows } from '../dataset/batches.ts';
import { faded } from '../dataset/faded.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { StudentSettings } from './settings.ts';

/** Histories as a fold-in student takes them: older items weigh less, place by place, and each row is normalized. */
export function foldInput(
  histories: Csr,
  { recency = 1, normalization }: Pick<StudentSettings, 'recency' | 'normalization'>,
): Csr {
  return scaleRows(recency === 1 ? histories : faded(histories, recency), normalization);
}
