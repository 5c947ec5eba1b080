import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { sumByRow } from '../sparse/sum-by-row.ts';
import { product } from './product.ts';

/** Scores of all items: h [B,d], e [N,d] (one row per item), c [N] -> h·eᵀ + c, [B,N]. */
export function linearScores(context: Context, h: Tensor, e: Tensor, c?: Tensor): Tensor {
  if (h.rank !== 2 || e.rank !== 2 || h.shape[1] !== e.shape[1] || (c && c.shape[0] !== e.shape[0])) {
    throw problem(
      'invalid-training-input',
      `linearScores: h is [${h.shape}], e is [${e.shape}]${c ? `, c is [${c.shape}]` : ''}; needed are [B,d], [N,d], [N]`,
    );
  }
  const { tf } = context;
  const forward = (save: (tensors: Tensor[]) => void) => {
    save([h, e]);
    const scores = product(context, h, e, false, true);
    return c ? tf.add(scores, c) : scores;
  };
  const backward = (dy: Tensor, saved: Tensor[]) => ({
    h: () => product(context, dy, saved[1]!),
    e: () => product(context, dy, saved[0]!, true),
  });
  const logits = c
    ? differentiable(context, { h, e, c }, forward, (dy, saved) => ({
        ...backward(dy, saved),
        c: () => tf.sum(dy, 0),
      }))
    : differentiable(context, { h, e }, forward, backward);
  context.heads.set(logits, { h, e, c });
  return logits;
}

/**
 * Rows of table [N,d] by ids -> [ids.length, d]. Inside an optimizer step the gradient stays with the touched rows and the
 * optimizer updates only those; elsewhere it is an ordinary dense gradient.
 *
 * @throws invalid-training-input: an id outside [0, N), or no ids
 */
export function gatherRows(context: Context, table: Tensor, ids: Int32Array): Tensor {
  const count = table.shape[0]!;
  if (ids.length === 0) throw problem('invalid-training-input', 'empty batch: gatherRows got no ids');
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! < 0 || ids[i]! >= count) {
      throw problem(
        'invalid-training-input',
        `position ${i} holds id ${ids[i]}, outside 0..${count - 1} (limit ${count})`,
      );
    }
  }
  const { tf } = context;
  const tracked = context.tracked.get(table.id);
  if (tracked) {
    const rows = tracked.gather(ids);
    tracked.lookups.push({ ids, rows });
    return rows;
  }
  return differentiable(
    context,
    { table },
    () => gather(context, table, ids),
    (dy) => ({ table: () => sumByRow(context, dy, tf.tensor1d(ids, 'int32'), count) }),
  );
}

function gather({ tf }: Context, table: Tensor, ids: Int32Array): Tensor {
  return tf.gather(table, tf.tensor1d(ids, 'int32'));
}
