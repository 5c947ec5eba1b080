import type { Csr } from '../dataset/matrix.ts';
import { selectRows } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { Teacher, TeacherState } from './contract.ts';

/** Rows on which the spread of each member's scores is measured for the linear map. */
const MEASURED = 128;

/** The mean of its members' scores, each brought to mean 0 and deviation 1 for every user. The members are owned. */
export function averageTeacher(engine: Engine, members: readonly Teacher[]): Teacher {
  const { tf } = engine;
  const sum = (of: (member: Teacher) => number) => members.reduce((total, member) => total + of(member), 0);
  const settings = { kind: 'average', members: members.map((member) => member.settings) };
  const epochs = Math.max(...members.map((member) => member.epochs));
  return {
    kind: 'average',
    description: `average of ${members.map((member) => member.description).join(' and ')}`,
    parameters: sum((member) => member.parameters),
    bytes: sum((member) => member.bytes),
    epochs,
    settings,
    scores: (histories) =>
      tf.tidy(() => {
        let total: Tensor | undefined;
        for (const member of members) {
          const scores = standardised(engine, member.scores(histories));
          total = total ? tf.add(total, scores) : scores;
        }
        return tf.div(total!, members.length);
      }),
    project(directions, width, sample) {
      const total = new Float32Array(directions.length);
      const measured = selectRows(
        sample,
        Int32Array.from({ length: Math.min(MEASURED, sample.rows) }, (_, i) => i),
      );
      for (const member of members) {
        const factor = 1 / (members.length * spreadOf(engine, member, measured));
        const own = member.project(directions, width, sample);
        for (let p = 0; p < total.length; p++) total[p]! += factor * own[p]!;
      }
      return total;
    },
    state: () => ({
      kind: 'average',
      settings,
      epochs,
      tensors: Object.fromEntries(
        members.flatMap((member, i) => {
          const state = member.state();
          const own = Object.entries(state.tensors).map(
            ([name, tensor]) => [`${i}.${name}`, tensor] as const,
          );
          return [[`${i}`, { shape: [1], values: Float32Array.of(state.epochs) }] as const, ...own];
        }),
      ),
    }),
    dispose() {
      for (const member of members) member.dispose();
    },
  };
}

export function restoreAverage(
  engine: Engine,
  { settings, tensors }: TeacherState,
  restore: (engine: Engine, state: TeacherState) => Teacher,
): Teacher {
  const members = (settings.members as Record<string, unknown>[]).map((own, i) => {
    const prefix = `${i}.`;
    return restore(engine, {
      kind: own.kind as string,
      settings: own,
      epochs: tensors[`${i}`]!.values[0]!,
      tensors: Object.fromEntries(
        Object.entries(tensors)
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      ),
    });
  });
  return averageTeacher(engine, members);
}

/** Each row with mean 0 and deviation 1; constant rows become 0. */
function standardised({ tf }: Engine, scores: Tensor): Tensor {
  const { mean, variance } = tf.moments(scores, 1, true);
  return tf.mul(tf.sub(scores, mean), tf.rsqrt(tf.add(variance, 1e-20)));
}

function spreadOf({ tf }: Engine, member: Teacher, sample: Csr): number {
  const spread = tf.tidy(() => tf.mean(tf.sqrt(tf.moments(member.scores(sample), 1).variance)));
  const value = spread.dataSync()[0]!;
  spread.dispose();
  return Math.max(value, 1e-10);
}
