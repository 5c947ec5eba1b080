import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { studentOfHistories } from './student.ts';

const FILE = '../shared/data/gowalla/train.csv.gz';

export interface TrainedStudent {
  weights: StudentWeights;
  /** Float32 [items, width]: the same vectors before they were rounded to int8. */
  exact: Float32Array;
  /** Item rows of each user. */
  histories: number[][];
}

/**
 * A student of gowalla as parameter transfer makes it: the truncated SVD of the users' l2-scaled histories as both of
 * its matrices. Null when the data set is not there.
 */
export function trainOnGowalla(width: number, seed = 1): TrainedStudent | null {
  if (!existsSync(FILE)) return null;
  const { histories, items } = readHistories();
  const { exact, weights } = studentOfHistories(histories, items, width, seed);
  return { exact, histories, weights };
}

function readHistories(): { histories: number[][]; items: number } {
  const rowOf = new Map<string, number>();
  const byUser = new Map<string, number[]>();
  for (const line of gunzipSync(readFileSync(FILE)).toString().split('\n').slice(1)) {
    const [user, item] = line.split(',');
    if (!user || !item) continue;
    if (!rowOf.has(item)) rowOf.set(item, rowOf.size);
    const rows = byUser.get(user) ?? [];
    rows.push(rowOf.get(item)!);
    byUser.set(user, rows);
  }
  return { histories: [...byUser.values()], items: rowOf.size };
}
