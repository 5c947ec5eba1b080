import { Type } from 'typebox';
import { type Csr, rowIdOf, rowLength } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherState } from '../contract.ts';
import { csrFromTensors, csrTensors } from '../stored/csr-state.ts';
import { readSettings } from '../stored/read-settings.ts';
import { fitHistories } from './fit-histories.ts';

export interface ExternalSettings {
  kind: 'external';
  name: string;
  /** Least share of the data's users with a list, and of its items on one. */
  minUsers: number;
  minItems: number;
}

/** One user in five is enough to learn from; fewer items than one in twenty would be all that the student recommends. */
export function planExternal({ name, minUsers, minItems }: OptionsOf<'external'>): ExternalSettings {
  return { kind: 'external', name, minUsers: minUsers ?? 0.2, minItems: minItems ?? 0.05 };
}

/**
 * A model made elsewhere, known by the scores that it gave to some items of some users. It looks users up by their row,
 * so it says the same whatever part of a history it is shown, and nothing of users without a list.
 *
 * @param listed [users, items] its scores, by the rows of the data set
 * @param settings what tells it apart from others
 */
export function createExternalTeacher(
  engine: Engine,
  listed: Csr,
  settings: { name: string } & Record<string, unknown>,
): Teacher {
  const { tf } = engine;
  const scores = (histories: Csr) =>
    tf.tensor2d(denseScores(listed, histories), [histories.rows, listed.columns]);
  return {
    kind: 'external',
    description: `external ${settings.name}, ${listed.indices.length} scores`,
    parameters: listed.values.length,
    bytes: listed.indptr.byteLength + listed.indices.byteLength + listed.values.byteLength,
    epochs: 0,
    settings: { ...settings, kind: 'external' },
    listed,
    scores,
    project(directions, width, sample) {
      const wanted = tf.tidy(() => {
        const along = tf.matMul(scores(sample), tf.tensor2d(directions, [listed.columns, width]));
        return tf.sub(along, tf.mean(along, 0, true));
      });
      return fitHistories(sample, readAndDispose(wanted), width);
    },
    state: () => ({
      kind: 'external',
      settings: { ...settings, kind: 'external' },
      epochs: 0,
      tensors: csrTensors(listed),
    }),
    dispose: () => {},
  };
}

const Stored = Type.Object({ name: Type.String() });

export function restoreExternalTeacher(engine: Engine, { tensors, settings }: TeacherState): Teacher {
  const { name } = readSettings(Stored, settings);
  return createExternalTeacher(engine, csrFromTensors(tensors), { ...settings, name });
}

/** [rows, items]; an item that is not on the user's list is a little worse than the last one that is. */
function denseScores(listed: Csr, histories: Csr): Float32Array {
  const items = listed.columns;
  const dense = new Float32Array(histories.rows * items);
  for (let r = 0; r < histories.rows; r++) {
    const user = rowIdOf(histories, r);
    if (rowLength(listed, user) === 0) continue;
    const from = listed.indptr[user]!;
    const to = listed.indptr[user + 1]!;
    const own = listed.values.subarray(from, to);
    const least = own.reduce((a, b) => Math.min(a, b));
    const most = own.reduce((a, b) => Math.max(a, b));
    const row = dense.subarray(r * items, (r + 1) * items);
    row.fill(least - (most > least ? (most - least) / own.length : 1));
    for (let p = from; p < to; p++) row[listed.indices[p]!] = listed.values[p]!;
  }
  return dense;
}
