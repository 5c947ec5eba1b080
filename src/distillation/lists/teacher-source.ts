import type { Csr } from '../../dataset/matrix.ts';
import type { ItemFactors, Teacher } from '../../teacher/contract.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { Curriculum } from './curriculum.ts';
import type { Step } from './step.ts';
import type { OwnItems, TeacherOutputs } from './teacher-outputs.ts';

/** The teacher as the losses ask it: what can be known beforehand is computed once. */
export interface TeacherSource {
  teacher: Teacher;
  /** Scores of the whole catalogue for the step's histories, [B, N]; the caller disposes them. */
  scores(step: Step): Tensor;
  /** The lists that were computed before training. */
  lists(ownItems: OwnItems): TeacherOutputs;
  /** The curriculum that changes the lists with own items hidden as the student learns. */
  curriculum?: Curriculum;
  /** See Teacher.unknown. */
  unknown?: Int32Array;
  /** Vectors of its items, where it has such. */
  itemFactors(): ItemFactors | undefined;
}

export interface SourceOptions {
  engine: Engine;
  train: Csr;
  /** Share of the histories that is hidden at each step; above 0 every step asks about other histories. */
  dropout: number;
  /** Most bytes of scores that are kept from epoch to epoch. */
  keepBytes: number;
  outputs: readonly TeacherOutputs[];
  curriculum?: Curriculum;
  /** Histories on which the slopes of the teacher's layers are measured. */
  sample: Csr;
}

export function createTeacherSource(teacher: Teacher, options: SourceOptions): TeacherSource {
  const { engine, train, dropout, keepBytes, outputs, curriculum, sample } = options;
  const fits = dropout === 0 && train.rows * train.columns * 4 <= keepBytes;
  const kept = fits ? keepScores(engine, teacher, train) : undefined;
  return {
    teacher,
    scores: (step) => kept?.(step) ?? teacher.scores(step.seen),
    lists(ownItems) {
      const found = outputs.find((list) => list.ownItems === ownItems);
      if (!found) throw new Error(`no lists of the teacher with own items ${ownItems} were computed`);
      return found;
    },
    ...(curriculum && { curriculum }),
    ...(teacher.unknown && { unknown: teacher.unknown }),
    itemFactors: () => teacher.itemFactors?.(sample),
  };
}

/** Asks about each user once. */
function keepScores({ tf }: Engine, teacher: Teacher, train: Csr) {
  const items = train.columns;
  const rows = new Map<number, Float32Array>();
  return ({ users, seen }: Step): Tensor => {
    if (users.every((user) => rows.has(user))) {
      const values = new Float32Array(users.length * items);
      users.forEach((user, i) => void values.set(rows.get(user)!, i * items));
      return tf.tensor2d(values, [users.length, items]);
    }
    const scores = teacher.scores(seen);
    const values = scores.dataSync();
    users.forEach((user, i) => void rows.set(user, values.slice(i * items, (i + 1) * items) as Float32Array));
    return scores;
  };
}
