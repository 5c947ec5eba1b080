import type { Rng } from '../core/rng.ts';
import { hideRandomly } from '../dataset/batches.ts';
import { type Csr, commonRows, exceptRows, rowLength, selectRows, unionRows } from '../dataset/matrix.ts';
import type { LossSettings } from '../domain/losses/loss-spec.ts';
import type { TaskTargets } from '../domain/tasks/tasks-spec.ts';
import type { FoldInBatch, FoldInStudent } from '../student/fold-in.ts';
import type { Engine } from '../tensor/engine.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { CataloguePart } from './lists/step.ts';
import type { TeacherSource } from './lists/teacher-source.ts';
import { listsOf } from './losses/batch-lists.ts';
import { choosePart, placesInPart, rowsInPart } from './losses/catalogue-part.ts';
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
  /** Items over which the softmaxes of all tasks are taken; unset: all. */
  among?: CataloguePart;
}

/**
 * Makes the batches of a student with tasks: what it is shown of its users' histories, and what each task asks of it.
 *
 * A share of each task's pairs is hidden from the history at each step, so that a task also learns from what other
 * behaviours say of an item. Where only unseen items are to be predicted, an item is hidden in all behaviours at once, hidden
 * ones are what the data wants to be named, and what the user knows from any behaviour is in no list: else students learn that
 * what was looked at is what will be bought.
 *
 * Softmaxes over a whole large catalogue would take most of the time, for each task and each control once more: with `among` they are
 * over the items of the batch's lists and histories, and so many that stand for the rest.
 */
export function taskBatches(
  student: FoldInStudent,
  tasks: readonly TaughtTask[],
  histories: TaskHistories,
  settings: { losses: LossSettings[]; dropout: number; targets: TaskTargets; among?: number },
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

  /** Takes the users of each task, who have pairs of it, with what they are asked. */
  function asked(users: Int32Array, seen: readonly Csr[]) {
    return tasks.flatMap(({ behaviour, teacher }, task) => {
      const pairs = behaviours[behaviour]!;
      const places = Int32Array.from(users.keys()).filter((place) => rowLength(pairs, users[place]!) > 0);
      if (places.length === 0) return [];
      const active = places.map((place) => users[place]!);
      const own = selectRows(pairs, active);
      const seenOwn = selectRows(seen[behaviour]!, places);
      const hidden = isUnseen ? selectRows(whole, active) : own;
      const wanted = isUnseen ? exceptRows(own, seenOwn) : own;
      return [{ task, teacher, places, users: active, own, hidden, wanted, seen: seenOwn }];
    });
  }

  return function batchOf(users: Int32Array, progress: number, rounded: boolean): Batch {
    const { seen, shown } = show(users);
    const all = asked(users, seen);
    const among = settings.among === undefined ? undefined : partOf(all, progress, settings.among);
    const parts = all.map(({ task, teacher: _, places, ...of }): TaskBatch => {
      const hidden = among ? rowsInPart(of.hidden, among) : of.hidden;
      const wanted = among ? rowsInPart(of.wanted, among) : of.wanted;
      const hiddenEntries = engine.sparseRows(hidden);
      const step = { ...of, hidden, wanted, hiddenEntries, progress, ...(among && { part: among }) };
      return { task, places, hiddenEntries, mix: mixes[task]!.prepare(step) };
    });
    return { x: student.input(shown), rounded, parts, ...(among && { among }) };
  };

  function partOf(all: ReturnType<typeof asked>, progress: number, samples: number): CataloguePart {
    const top = placesInPart(settings.losses, progress);
    const lists = all.flatMap(({ teacher, users }) =>
      top > 0 ? [listsOf(teacher.lists('hidden'), users, top)] : [],
    );
    const wanted = all.map((of) => of.wanted);
    return choosePart({ wanted, lists, top }, histories.learned.columns, samples, draws);
  }
}

export function disposeBatch({ x, parts }: Batch): void {
  x.dispose();
  for (const { hiddenEntries, mix } of parts) {
    hiddenEntries.dispose();
    mix.dispose();
  }
}
