import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import { createRowSolver, type RowSolver } from '../../tensor/ridge/solve-rows.ts';
import type { ModelValidation } from '../contract.ts';

/** [rows, d] the users' vectors, solved from their histories. */
export function usersOf({ tf }: Engine, items: Tensor, histories: Csr, solver: RowSolver): Tensor {
  return tf.tensor2d(solver.solve(histories), [histories.rows, items.shape[1]!]);
}

export function scoresOf(engine: Engine, items: Tensor, histories: Csr, solver: RowSolver): Tensor {
  return engine.tf.tidy(() => engine.linearScores(usersOf(engine, items, histories, solver), items));
}

/** The metric on validation of these item vectors, [items, dimensions]. */
export async function metricOf(
  engine: Engine,
  values: Float32Array,
  settings: Ridge & { dimensions: number },
  validation: ModelValidation,
): Promise<number> {
  const items = engine.tf.tensor2d(values, [values.length / settings.dimensions, settings.dimensions]);
  const solver = createRowSolver(engine, values, settings.dimensions, settings);
  try {
    return await validation.metric((h) => readAndDispose(scoresOf(engine, items, h, solver)));
  } finally {
    items.dispose();
  }
}
