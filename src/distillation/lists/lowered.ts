import { type Csr, rowIdOf, rowLength } from '../../dataset/matrix.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';

/**
 * The teacher whose scores of what a user dislikes are lower, so that whoever learns from it learns dislikes too: the student, which
 * knows no user, ranks these items lower for histories like theirs. It is the negative term of Rocchio's relevance feedback (The
 * SMART Retrieval System, 1971) in what is taught, and the same for every kind of teacher.
 * @param disliked [users, items] by the rows of the data set
 * @param by standard deviations of a row's scores that each is lowered by
 */
export function lowerDisliked<T extends Pick<Teacher, 'scores'>>(
  { tf }: Pick<Engine, 'tf'>,
  teacher: T,
  disliked: Csr,
  by: number,
): T {
  return {
    ...teacher,
    scores(histories: Csr): Tensor {
      const said = teacher.scores(histories);
      const lower = maskOf(histories, disliked);
      if (!lower) return said;
      const lowered = tf.tidy(() => {
        const centred = tf.sub(said, tf.mean(said, 1, true));
        const deviation = tf.sqrt(tf.mean(tf.square(centred), 1, true));
        return tf.sub(
          said,
          tf.mul(tf.tensor2d(lower, [histories.rows, histories.columns]), tf.mul(deviation, by)),
        );
      });
      said.dispose();
      return lowered as Tensor;
    },
  };
}

/** [rows, items] 1 for what the user behind the row dislikes; null where nobody dislikes anything. */
function maskOf(histories: Csr, disliked: Csr): Float32Array | null {
  const users = Array.from({ length: histories.rows }, (_, row) => rowIdOf(histories, row));
  if (users.every((user) => rowLength(disliked, user) === 0)) return null;
  const mask = new Float32Array(histories.rows * histories.columns);
  for (const [row, user] of users.entries())
    for (let p = disliked.indptr[user]!; p < disliked.indptr[user + 1]!; p++)
      mask[row * histories.columns + disliked.indices[p]!] = 1;
  return mask;
}
