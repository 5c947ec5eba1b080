import { createRng } from '../../src/core/rng.ts';
import type { TeacherOutputs } from '../../src/distillation/lists/teacher-outputs.ts';
import type { TeacherSource } from '../../src/distillation/lists/teacher-source.ts';
import { mixLosses } from '../../src/distillation/losses/registry.ts';
import { viewStudent } from '../../src/distillation/losses/student-view.ts';
import type { LossSettings } from '../../src/domain/losses/loss-spec.ts';
import type { Teacher } from '../../src/teacher/contract.ts';
import type { Engine, Tensor } from '../../src/tensor/engine.ts';
import type { Loss } from '../../src/tensor/train/parameters.ts';
import { csrOf } from '../helpers/data.ts';

/** One batch in numbers: the students' logits, the teacher's scores, the users' own items; all [B, N]. */
export interface Numbers {
  logits: number[][];
  teacher?: number[][];
  own: number[][];
  lists?: TeacherOutputs;
  /** The teacher's lists as all that it is, [B, N]. */
  listed?: number[][];
  /** Teacher's hidden layer [B, w]. */
  hidden?: number[][];
  /** Teacher's item factors [N, w]. */
  factors?: number[][];
  parameters?: Record<string, number[] | number[][] | number[][][]>;
  progress?: number;
}

/** The values of the losses; nothing is left. The student's user vectors are the logits, its item matrix the identity. */
export function lossValue(engine: Engine, losses: LossSettings[], numbers: Numbers) {
  const { tf } = engine;
  return withLoss(engine, losses, numbers, (loss) =>
    tf.tidy(() => {
      const { total, parts } = loss(tf.tensor2d(numbers.logits));
      const read = Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]!] as const);
      return { total: total.dataSync()[0]!, parts: Object.fromEntries(read) as Record<string, number> };
    }),
  );
}

/** d total / d logits by the engine, row by row. */
export function lossGradient(engine: Engine, losses: LossSettings[], numbers: Numbers): number[] {
  const { tf } = engine;
  return withLoss(engine, losses, numbers, (loss) =>
    tf.tidy(() => [
      ...tf
        .grad((logits) => loss(logits).total)(tf.tensor2d(numbers.logits))
        .dataSync(),
    ]),
  );
}

function withLoss<T>(
  engine: Engine,
  losses: LossSettings[],
  numbers: Numbers,
  use: (loss: (logits: Tensor) => Loss) => T,
): T {
  const { tf } = engine;
  const { logits, own, progress = 0 } = numbers;
  const items = own[0]!.length;
  const matrix = csrOf(own);
  const ownEntries = engine.sparseRows(matrix);
  const setup = { engine, items, teacher: sourceOf(engine, numbers), rng: createRng(1) };
  const users = Int32Array.from(logits, (_, user) => user);
  const prepared = mixLosses(losses, setup).prepare({
    users,
    own: matrix,
    hidden: matrix,
    hiddenEntries: ownEntries,
    seen: matrix,
    wanted: matrix,
    progress,
  });
  const used = use((user) => {
    const parameters = Object.fromEntries(
      Object.entries(numbers.parameters ?? {}).map(([name, value]) => [name, tf.tensor(value)]),
    );
    return prepared.loss(viewStudent(engine, { user, items: tf.eye(items) }, ownEntries, parameters));
  });
  prepared.dispose();
  ownEntries.dispose();
  return used;
}

function sourceOf({ tf }: Engine, { teacher, lists, listed, hidden, factors }: Numbers): TeacherSource {
  return {
    teacher: {
      kind: 'numbers',
      hidden: () => tf.tensor2d(hidden!),
      ...(listed && { listed: csrOf(listed) }),
    } as unknown as Teacher,
    scores: () => tf.tensor2d(teacher!),
    lists: () => lists!,
    itemFactors() {
      if (!factors) return undefined;
      const output = Float32Array.from(factors.flat());
      return { input: output, output, width: factors[0]!.length };
    },
  };
}

/** Lists of a teacher, best first. */
export function outputsOf(
  ids: number[][],
  scores: number[][] = ids.map((row) => row.map(() => 0)),
): TeacherOutputs {
  const k = Math.max(...ids.map((row) => row.length));
  const pad = (row: number[], fill: number) => [...row, ...Array<number>(k - row.length).fill(fill)];
  return {
    users: ids.length,
    k,
    ownItems: 'hidden',
    ids: Int32Array.from(ids.flatMap((row) => pad(row, -1))),
    scores: Float32Array.from(scores.flatMap((row) => pad(row, 0))),
    mean: new Float32Array(ids.length),
    deviation: new Float32Array(ids.length).fill(1),
  };
}

export const soft = (more: Partial<Extract<LossSettings, { kind: 'softLabels' }>> = {}): LossSettings => ({
  kind: 'softLabels',
  weight: 1,
  temperature: 1,
  scores: 'raw',
  ownItems: 'visible',
  top: 1,
  samples: 0,
  ...more,
});
export const hard = (weight = 1): LossSettings => ({ kind: 'hardLabels', weight });
