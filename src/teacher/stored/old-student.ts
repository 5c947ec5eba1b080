import { type Static, Type } from 'typebox';
import { dequantizeRows } from '../../artifact/student/quantize.ts';
import { isTied, type StudentWeights } from '../../artifact/student/student-weights.ts';
import { scaleRows } from '../../dataset/batches.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';
import type { FoldInParts, ItemFactors, Teacher, TeacherState } from '../contract.ts';
import { createFrozen } from './frozen.ts';
import { meanSolution } from './mean-solution.ts';
import { projectFactors } from './project-factors.ts';
import { readSettings } from './read-settings.ts';

const Settings = Type.Object({
  kind: Type.Literal('student'),
  normalization: Type.Enum(['l2', 'sqrt', 'none']),
  activation: Type.Enum(['identity', 'relu', 'tanh']),
  tied: Type.Boolean(),
  /** See Solver; its diagonal is a tensor. Absent where the user's vector is a sum. */
  solver: Type.Optional(Type.Object({ perPair: Type.Number(), scale: Type.Number() })),
});
type Settings = Static<typeof Settings>;

/** A student that was published, as a teacher at rest: its weights as they are served, after rounding. */
export function studentState(weights: StudentWeights): TeacherState {
  const { itemsIn, itemsOut, userBias, inner, solver, itemBias, normalization, activation } = weights;
  const matrix = (shape: number[], values: Float32Array) => ({ shape, values });
  const settings: Settings = {
    kind: 'student',
    normalization,
    activation,
    tied: isTied(weights),
    ...(solver && { solver: { perPair: solver.perPair, scale: solver.scale } }),
  };
  return {
    kind: 'student',
    settings,
    epochs: 1,
    tensors: {
      itemsIn: matrix([itemsIn.rows, itemsIn.width], dequantizeRows(itemsIn)),
      itemsOut: matrix([itemsOut.rows, itemsOut.width], dequantizeRows(itemsOut)),
      userBias: matrix([userBias.length], userBias),
      itemBias: matrix([itemBias.length], itemBias),
      ...(solver && { gram: matrix([solver.gram.length], solver.gram) }),
      ...(inner && {
        inner: matrix([userBias.length, inner.bias.length], inner.weights),
        innerBias: matrix([inner.bias.length], inner.bias),
      }),
    },
  };
}

/** A student teaches as it is served: scores from the history alone. */
export function restoreStudentTeacher(engine: Engine, state: TeacherState): Teacher {
  const { tf } = engine;
  const settings = readSettings(Settings, state.settings);
  const frozen = createFrozen(engine, state.tensors);
  const [items, dimensions] = state.tensors.itemsOut!.shape as [number, number];
  const input = (histories: Csr) => engine.sparseRows(scaleRows(histories, settings.normalization));

  function fromHistory(p: NamedTensors, x: SparseBatch): Tensor {
    const { solver } = settings;
    if (!solver) return engine.sparseMatMul(x, p.itemsIn!);
    const solved = engine.ridgeRows(x, p.itemsIn!, p.gram!, tf.tensor1d([solver.perPair]));
    return tf.mul(solved, solver.scale);
  }

  /** The layer behind the history, [B, h]. */
  function first(p: NamedTensors, x: SparseBatch): Tensor {
    const sum = tf.add(fromHistory(p, x), p.userBias!) as Tensor;
    if (settings.activation === 'relu') return tf.relu(sum);
    return settings.activation === 'tanh' ? tf.tanh(sum) : sum;
  }
  const user = (p: NamedTensors, x: SparseBatch) =>
    p.inner ? tf.add(tf.matMul(first(p, x), p.inner), p.innerBias!) : first(p, x);

  function evaluate(histories: Csr, use: (p: NamedTensors, x: SparseBatch) => Tensor): Tensor {
    const x = input(histories);
    try {
      return frozen.evaluate((p) => use(p, x));
    } finally {
      x.dispose();
    }
  }

  /** The activation becomes its mean slope on the sample, and a matrix that is solved its mean. */
  function itemFactors(sample: Csr): ItemFactors {
    if (settings.solver) {
      const solver = { ...settings.solver, gram: frozen.read('gram') };
      const input = meanSolution(engine, solver, frozen.read('itemsIn'), sample);
      return { input, output: frozen.read('itemsOut'), width: dimensions };
    }
    const folded = evaluate(sample, (p, x) => {
      const slopes = slopesOf(engine, settings.activation, first(p, x));
      const scaled = slopes ? tf.mul(p.itemsIn!, slopes) : tf.clone(p.itemsIn!);
      return p.inner ? tf.matMul(scaled, p.inner) : scaled;
    });
    return { input: readAndDispose(folded), output: frozen.read('itemsOut'), width: dimensions };
  }

  const count = frozen.count - (settings.tied ? items * dimensions : 0);
  return {
    kind: 'student',
    description: `fold-in ${dimensions}`,
    parameters: count,
    bytes: count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) =>
      evaluate(histories, (p, x) => engine.linearScores(user(p, x), p.itemsOut!, p.itemBias!)),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden: (histories) => evaluate(histories, user),
    foldIn: () => foldInOf(settings, dimensions, frozen.tensors()),
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

function foldInOf(
  { activation, normalization, tied, solver }: Settings,
  dimensions: number,
  tensors: TeacherState['tensors'],
): FoldInParts {
  const read = (name: string) => tensors[name]!.values;
  return {
    dimensions,
    activation,
    normalization,
    tied,
    itemsIn: read('itemsIn'),
    itemsOut: read('itemsOut'),
    itemBias: read('itemBias'),
    userBias: read('userBias'),
    ...(solver && { solver: { ...solver, gram: read('gram') } }),
    ...(tensors.inner && { inner: read('inner'), innerBias: read('innerBias') }),
  };
}

/** [h], or undefined where the slope is 1. */
function slopesOf({ tf }: Engine, activation: Settings['activation'], h: Tensor): Tensor | undefined {
  if (activation === 'relu') return tf.mean(tf.cast(tf.greater(h, 0), 'float32'), 0);
  if (activation === 'tanh') return tf.mean(tf.sub(1, tf.square(h)), 0);
  return undefined;
}
