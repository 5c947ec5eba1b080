import { selectRows } from '../../dataset/matrix.ts';
import { encoderStart, type FoldInStart } from '../../student/start.ts';
import type { TransferSetup } from './transfer-setup.ts';
import { allScores } from './transfer-svd.ts';

/** Histories whose scores are factorised. */
const MOST_ROWS = 4096;

/**
 * The items of a sequential student start as the leading right singular vectors of the teacher's scores, each as long as its
 * singular value says when users vary by 1 along it, as the encoder's last norm makes them: S ~ U V' diag(s), so that
 * E_out = V diag(s) / sqrt(rows). How a history becomes a user is learnt from random numbers. With an item bias the mean
 * scores go there.
 */
export function sequenceTransfer({
  engine,
  teacher,
  student,
  sample,
  rng,
  rank: most = student.dimensions,
  tell,
}: TransferSetup): FoldInStart {
  const { tf } = engine;
  const { dimensions: d, itemBias: hasBias } = student;
  const items = sample.columns;
  const rows = Math.min(MOST_ROWS, sample.rows);
  const some = selectRows(
    sample,
    Int32Array.from({ length: rows }, (_, i) => i),
  );
  const scores = allScores(engine, teacher, some, tell);
  const mean = tf.mean(scores, 0);
  const centred = hasBias ? tf.sub(scores, mean) : scores;
  if (hasBias) scores.dispose();
  const rank = Math.min(d, rows, items);
  const { u, s, v } = engine.truncatedSvd(centred, rank, { rng });
  const directions = v.dataSync() as Float32Array;
  const itemBias = (mean.dataSync() as Float32Array).slice();
  tf.dispose([centred, mean, u, v]);
  const itemsOut = new Float32Array(items * d);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < d; k++) {
      itemsOut[i * d + k] =
        k < Math.min(rank, most)
          ? (directions[i * rank + k]! * s[k]!) / Math.sqrt(rows)
          : 0.01 * rng.normal();
    }
  }
  return { itemsIn: itemsOut.slice(), itemsOut, itemBias, encoder: encoderStart(d, student.encoder!, rng) };
}
