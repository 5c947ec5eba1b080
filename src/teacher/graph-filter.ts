import type { Csr } from '../dataset/matrix.ts';
import type { Engine } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';
import { createSteps } from './closed-form.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';
import { csrFromTensors, csrTensors } from './csr-state.ts';
import { createGraph, normalisedGraph } from './graph.ts';

export interface GraphFilterSettings {
  kind: 'graph-filter';
  /** Rank of the low-pass filter. */
  components: number;
  /** Weight of the low-pass filter beside the neighbours; of several the best on validation, without validation the first. */
  alpha: number[];
}

/**
 * GF-CF (Shen et al., CIKM 2021): with R~ = D_u^-1/2 R D_i^-1/2, scores = h (R~' R~ + alpha D_i^-1/2 V V' D_i^1/2), V the
 * leading right singular vectors of R~. Nothing is trained; R~' R~ is never formed, its sparse factors are multiplied.
 */
export async function trainGraphFilterTeacher(
  settings: GraphFilterSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine, train, validation } = context;
  const alphas = validation ? settings.alpha : settings.alpha.slice(0, 1);
  const step = createSteps(context, alphas.length + 1);
  const normalised = normalisedGraph(train);
  const rank = Math.min(settings.components, train.rows, train.columns);
  const v = leadingVectors(engine, normalised.matrix, rank, context);
  const make = (alpha: number) =>
    restoreGraphFilterTeacher(engine, {
      kind: 'graph-filter',
      settings: { ...settings, alpha: [alpha] },
      epochs: 1,
      tensors: {
        ...csrTensors(normalised.matrix),
        itemDegrees: { shape: [train.columns], values: normalised.itemDegrees },
        v: { shape: [train.columns, rank], values: v },
      },
    });
  await step();
  let best = alphas[0]!;
  if (alphas.length > 1) {
    let highest = Number.NEGATIVE_INFINITY;
    for (const alpha of alphas) {
      const teacher = make(alpha);
      try {
        const metric = await validation!.metric((h) => readAndDispose(teacher.scores(h)));
        if (metric > highest) [best, highest] = [alpha, metric];
      } finally {
        teacher.dispose();
      }
      await step();
    }
  }
  return make(best);
}

/** [items, rank] */
function leadingVectors(engine: Engine, matrix: Csr, rank: number, { rng }: TrainingContext): Float32Array {
  const x = engine.sparseRows(matrix);
  const { u, v } = engine.truncatedSvd(
    {
      rows: matrix.rows,
      cols: matrix.columns,
      multiply: (right) => engine.sparseMatMul(x, right),
      multiplyTransposed: (left) => engine.sparseMatMulTransposed(x, left),
    },
    rank,
    { rng: rng.fork('graph-filter') },
  );
  x.dispose();
  u.dispose();
  return readAndDispose(v);
}

export function restoreGraphFilterTeacher(engine: Engine, state: TeacherState): Teacher {
  const { tf } = engine;
  const settings = state.settings as unknown as GraphFilterSettings;
  const alpha = settings.alpha[0]!;
  const graph = createGraph(csrFromTensors(state.tensors));
  const degrees = state.tensors.itemDegrees!.values;
  const items = degrees.length;
  const { values, shape } = state.tensors.v!;
  const v = tf.tensor2d(values, shape as [number, number]);
  // Items without an interaction pass nothing on, and get nothing.
  const into = degrees.map((d) => (d > 0 ? 1 / Math.sqrt(d) : 0));
  const out = tf.tensor1d(degrees.map((d) => alpha * Math.sqrt(d)));
  const parameters = values.length + degrees.length + 2 * graph.matrix.indices.length;
  return {
    kind: 'graph-filter',
    description: `graph-filter ${shape[1]}, alpha ${alpha}`,
    // The singular vectors and degrees, and id and value of every interaction.
    parameters,
    bytes: parameters * Float32Array.BYTES_PER_ELEMENT,
    epochs: 1,
    settings: state.settings,
    scores(histories) {
      return tf.tidy(() => {
        const near = tf.tensor2d(graph.neighbours(histories), [histories.rows, items]);
        const x = engine.sparseRows(scaleColumns(histories, into));
        const low = engine.linearScores(engine.sparseMatMul(x, v), v);
        x.dispose();
        return tf.add(near, tf.mul(low, out));
      });
    },
    project: (directions, width) =>
      readAndDispose(
        tf.tidy(() => {
          const d = tf.tensor2d(directions, [items, width]);
          const near = graph.project(engine, d);
          const low = tf.matMul(v, tf.matMul(v, tf.mul(d, tf.expandDims(out, 1)) as never, true));
          return tf.add(near, tf.mul(low, tf.tensor2d(into, [items, 1])));
        }),
      ),
    state: () => state,
    dispose() {
      tf.dispose([v, out]);
    },
  };
}

function scaleColumns(histories: Csr, factors: Float32Array): Csr {
  return { ...histories, values: histories.values.map((x, p) => x * factors[histories.indices[p]!]!) };
}
