import { selectRows } from '../../dataset/matrix.ts';
import { foldInput } from '../../student/fold-input.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TransferSetup } from './transfer-setup.ts';

const MAX_ROWS = 1024;

/** Teacher's mean score per item on the sample, minus the linear student's, [items]. */
export function offsetOf(
  { engine, teacher, student, sample }: TransferSetup,
  { itemsIn, itemsOut }: { itemsIn: Float32Array; itemsOut: Float32Array },
): Float32Array {
  const { tf } = engine;
  const shape: [number, number] = [sample.columns, student.dimensions];
  const few = selectRows(
    sample,
    Int32Array.from({ length: Math.min(MAX_ROWS, sample.rows) }, (_, i) => i),
  );
  const scores = teacher.scores(few);
  const x = engine.sparseRows(foldInput(few, student));
  const offset = tf.tidy(() => {
    const user = engine.sparseMatMul(x, tf.tensor2d(itemsIn, shape));
    const linear = engine.linearScores(user, tf.tensor2d(itemsOut, shape));
    return tf.mean(tf.sub(scores, linear), 0);
  });
  scores.dispose();
  x.dispose();
  return readAndDispose(offset);
}
