import type { Rng } from '../core/rng.ts';
import { hideRandomly } from '../dataset/batches.ts';
import { type Csr, commonRows, exceptRows, rowLength, selectRows, unionRows } from '../dataset/matrix.ts';
import type { LossSettings } from '../domain/losses/loss-spec.ts';
import type { TaskTargets } from '../domain/tasks/tasks-spec.ts';
import type { FoldInBatch, FoldInStudent } from '../student/fold-in.ts';
import type { Engine } from '../tensor/engine.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { TeacherSource } from './lists/teacher-source.ts';
import { mixLosses, type PreparedMix } from './losses/registry.ts';

export interface TaughtTask {
  name: string;
  weight: number;
  teacher: TeacherSource;
  /** Place among the behaviours of that whose pairs this task predicts. */
  behaviour: number;
}

/** Histories that a student with several tasks reads, [users, items] each. */
export interface TaskHistories {
  /** Training pairs of every task of the job, also of those that this student does not learn. */
  behaviours: readonly Csr[];
  /** Pairs of behaviours that no task predicts, or null. */
  context: Csr | null;
  /** Union of all these. */
  whole: Csr;
  /** Union of the pairs that this student learns: users without any of them are in no batch. */
  learned: Csr;
}

/** One task's part of a batch: the users of the batch who have pairs of it. */
export interface TaskBatch {
  task: number;
  /** Places in the batch, Int32 [B_t]. */
  places: Int32Array;
  hiddenEntries: SparseBatch;
  mix: PreparedMix;
}

export interface Batch {
  x: FoldInBatch;
  rounded: boolean;
  parts: TaskBatch[];
}

/**
 * Makes the batches of a student with tasks: what it is shown of its users' histories, and what each task asks of it.
 *
 * A share of each task's pairs is hidden from the history at each step, so that a task also learns from what other
 * behaviours say of an item. Where only unseen items are to be predicted, an item is hidden in all behaviours at once, hidden
 * ones are what the data wants to be named, and what the user knows from any behaviour is in no list: else students learn that
 * what was looked at is what will be bought.
 */
export function taskBatches(
  student: FoldInStudent,
  tasks: readonly TaughtTask[],
  histories: TaskHistories,
  settings: { losses: LossSettings[]; dropout: number; targets: TaskTargets },
  { engine, draws }: { engine: Engine; draws: Rng },
): (users: Int32Array, progress: number, rounded: boolean) => Batch {
  const { behaviours, context, whole } = histories;
  const isUnseen = settings.targets === 'unseen';
  const mixes = tasks.map(({ teacher }) =>
    mixLosses(settings.losses, { engine, items: histories.learned.columns, teacher, rng: draws }),
  );

  /** The shown part of each behaviour, and the history that these parts make. */
  function show(users: Int32Array): { seen: Csr[]; shown: Csr } {
    const own = behaviours.map((pairs) => selectRows(pairs, users));
    if (isUnseen) {
      const shown = hideRandomly(selectRows(whole, users), settings.dropout, draws, 0);
      return { seen: own.map((pairs) => commonRows(pairs, shown)), shown };
    }
    const seen = own.map((pairs) => hideRandomly(pairs, settings.dropout, draws, 0));
    return { seen, shown: seen.reduce(unionRows, context ? selectRows(context, users) : seen[0]!) };
  }

  return function batchOf(users: Int32Array, progress: number, rounded: boolean): Batch {
    const { seen, shown } = show(users);
    const parts = tasks.flatMap(({ behaviour }, task): TaskBatch[] => {
      const pairs = behaviours[behaviour]!;
      const places = Int32Array.from(users.keys()).filter((place) => rowLength(pairs, users[place]!) > 0);
      if (places.length === 0) return [];
      const active = places.map((place) => users[place]!);
      const own = selectRows(pairs, active);
      const seenOwn = selectRows(seen[behaviour]!, places);
      const hidden = isUnseen ? selectRows(whole, active) : own;
      const hiddenEntries = engine.sparseRows(hidden);
      const wanted = isUnseen ? exceptRows(own, seenOwn) : own;
      const step = { users: active, own, hidden, hiddenEntries, wanted, seen: seenOwn, progress };
      return [{ task, places, hiddenEntries, mix: mixes[task]!.prepare(step) }];
    });
    return { x: student.input(shown), rounded, parts };
  };
}

export function disposeBatch({ x, parts }: Batch): void {
  x.dispose();
  for (const { hiddenEntries, mix } of parts) {
    hiddenEntries.dispose();
    mix.dispose();
  }
}
