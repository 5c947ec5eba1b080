import { type Static, Type } from 'typebox';
import { type Csr, emptyCsr, selectRows } from '../../dataset/matrix.ts';
import { COMBINE_KINDS } from '../../domain/teachers/several/ensemble.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherState } from '../contract.ts';
import { readSettings, SomeSettings } from '../stored/read-settings.ts';
import { decided } from '../wrap.ts';
import { addTerm, type Combining, LEAST_VARIANCE, nothing, termOf } from './combine.ts';
import { fittedProjection, weightedProjection } from './ensemble-projection.ts';

/** An ensemble as it is stored; the kind `average` of earlier releases has its members alone, which count alike. */
export const EnsembleSettings = Type.Object({
  combine: Type.Enum([...COMBINE_KINDS]),
  temperature: Type.Number(),
  constant: Type.Number(),
  weights: Type.Optional(Type.Array(Type.Number())),
  members: Type.Array(SomeSettings, { minItems: 1 }),
});
export type EnsembleSettings = Static<typeof EnsembleSettings>;

export interface Member {
  teacher: Teacher;
  weight: number;
}

/** The mean of standardized scores, every member alike. */
export const AVERAGE: Combining = { combine: 'average', temperature: 1, constant: 60 };

/**
 * Several teachers as one, see `Combining`. The members are owned; those of weight 0 are never asked. All of them are in memory,
 * and each batch of scores is one member's after the other.
 */
export function createEnsemble(
  engine: Engine,
  members: readonly Member[],
  how: Combining = AVERAGE,
): Teacher {
  const { tf } = engine;
  const whole = members.reduce((sum, { weight }) => sum + weight, 0);
  const asked = members.filter(({ weight }) => weight > 0);
  const sum = (of: (teacher: Teacher) => number) =>
    members.reduce((total, { teacher }) => total + of(teacher), 0);
  const weights = members.map(({ weight }) => weight);
  const settings = {
    kind: 'ensemble',
    ...how,
    weights,
    members: members.map(({ teacher }) => teacher.settings),
  };
  const epochs = Math.max(...members.map(({ teacher }) => teacher.epochs));

  function combined(histories: Csr): Float32Array {
    const total = nothing(histories.rows * histories.columns, how);
    for (const { teacher, weight } of asked) {
      const scores = readAndDispose(teacher.scores(histories)).slice();
      addTerm(total, termOf(scores, histories, how), weight / whole, how);
    }
    return total;
  }

  /** The mean of standardized scores, without taking them off the device. */
  const averaged = (histories: Csr): Tensor =>
    tf.tidy(() =>
      asked.reduce<Tensor | undefined>((total, { teacher, weight }) => {
        const term = tf.mul(standardized(engine, teacher.scores(histories)), weight / whole);
        return total ? tf.add(total, term) : term;
      }, undefined),
    )!;

  return decided({
    kind: 'ensemble',
    description: describe(members, whole, how),
    parameters: sum(({ parameters }) => parameters),
    bytes: sum(({ bytes }) => bytes),
    epochs,
    settings,
    listed: listedByAll(asked, combined),
    members: members.map(({ teacher, weight }) => ({ teacher, share: weight / whole })),
    scores:
      how.combine === 'average'
        ? averaged
        : (histories) => tf.tensor2d(combined(histories), [histories.rows, histories.columns]),
    project:
      how.combine === 'average'
        ? (directions, width, sample) => weightedProjection(engine, asked, whole, directions, width, sample)
        : (directions, width, sample) => fittedProjection(engine, combined, directions, width, sample),
    state: () => ({
      kind: 'ensemble',
      settings,
      epochs,
      tensors: memberTensors(members.map(({ teacher }) => teacher.state())),
    }),
    dispose() {
      for (const { teacher } of members) teacher.dispose();
    },
    // Of several models there is no one layer, and no one list of what they do not know.
    itemFactors: undefined,
    hidden: undefined,
    unknown: undefined,
    foldIn: undefined,
    reads: undefined,
    withItems: undefined,
    tried: undefined,
  });
}

/** Each row with mean 0 and deviation 1, as termOf does it; a constant row becomes 0. The scores are released. */
function standardized({ tf }: Engine, scores: Tensor): Tensor {
  const result = tf.tidy(() => {
    const centred = tf.sub(scores, tf.mean(scores, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const isSpread = tf.greater(variance, LEAST_VARIANCE);
    return tf.mul(centred, tf.where(isSpread, tf.rsqrt(variance), tf.zerosLike(variance)));
  });
  scores.dispose();
  return result;
}

function describe(members: readonly Member[], whole: number, { combine }: Combining): string {
  const alike = members.every(({ weight }) => weight === members[0]!.weight);
  const names = members.map(({ teacher, weight }) =>
    alike ? teacher.description : `${Number((weight / whole).toFixed(3))} ${teacher.description}`,
  );
  return `ensemble of ${names.join(' and ')}, ${combine}`;
}

/** [users, items] where every member is lists made elsewhere: so is the ensemble then, of the items on any of them. */
function listedByAll(
  members: readonly Member[],
  combined: (histories: Csr) => Float32Array,
): Csr | undefined {
  const lists = members.flatMap(({ teacher }) => teacher.listed ?? []);
  if (lists.length === 0 || lists.length < members.length) return undefined;
  const { rows, columns } = lists[0]!;
  const users = emptyCsr(rows, columns);
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let user = 0; user < rows; user++) {
    const on = new Set<number>();
    for (const list of lists) {
      for (let p = list.indptr[user]!; p < list.indptr[user + 1]!; p++) on.add(list.indices[p]!);
    }
    if (on.size > 0) {
      const scores = combined(selectRows(users, [user]));
      for (const item of Int32Array.from(on).sort()) {
        indices.push(item);
        values.push(scores[item]!);
      }
    }
    indptr[user + 1] = indices.length;
  }
  return { rows, columns, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

function memberTensors(members: readonly TeacherState[]): TeacherState['tensors'] {
  return Object.fromEntries(
    members.flatMap((state, i) => {
      const own = Object.entries(state.tensors).map(([name, tensor]) => [`${i}.${name}`, tensor] as const);
      return [[`${i}`, { shape: [1], values: Float32Array.of(state.epochs) }] as const, ...own];
    }),
  );
}

/** How a teacher that has members puts them together. */
export function combiningOf({ settings }: Teacher): Combining {
  const { combine, temperature, constant } = readSettings(EnsembleSettings, settings);
  return { combine, temperature, constant };
}

/** The members of an ensemble at rest. */
function memberStates({ settings, tensors }: TeacherState): TeacherState[] {
  const { members } = readSettings(EnsembleSettings, settings, AVERAGE);
  return members.map((own, i) => {
    const prefix = `${i}.`;
    const named = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
    return {
      kind: own.kind,
      settings: own,
      epochs: tensors[`${i}`]!.values[0]!,
      tensors: Object.fromEntries(named.map(([name, tensor]) => [name.slice(prefix.length), tensor])),
    };
  });
}

/** Returns the ensemble at rest with each member replaced. */
export function replaceMembers(
  state: TeacherState,
  replace: (member: TeacherState) => TeacherState,
): TeacherState {
  const members = memberStates(state).map(replace);
  const settings = members.map((member) => ({ ...member.settings, kind: member.kind }));
  return { ...state, settings: { ...state.settings, members: settings }, tensors: memberTensors(members) };
}

/** Also the kind `average` of earlier releases, whose members count alike. */
export function restoreEnsemble(
  engine: Engine,
  state: TeacherState,
  restore: (engine: Engine, state: TeacherState) => Teacher,
): Teacher {
  const { weights, combine, temperature, constant } = readSettings(EnsembleSettings, state.settings, AVERAGE);
  const restored = memberStates(state).map((member, i) => ({
    teacher: restore(engine, member),
    weight: weights?.[i] ?? 1,
  }));
  return createEnsemble(engine, restored, { combine, temperature, constant });
}
