import type { Csr } from '../../dataset/matrix.ts';
import {
  computeOutputs,
  type OutputsCache,
  type TeacherOutputs,
} from '../../distillation/lists/teacher-outputs.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { restoreTeacher } from '../../teacher/registry.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Stages } from '../run/stages.ts';

/** The lists of a member of a curriculum at several epochs of its training. */
export interface Trajectory {
  /** Its share of the weight of the ensemble. */
  share: number;
  /** Epochs, the easiest first; the last is what the member knows in the end. */
  stops: { epoch: number; lists(ask: ListsWanted): Promise<TeacherOutputs | undefined> }[];
}

/** Lists of `k` items for each history, own items hidden. */
export interface ListsWanted {
  engine: Engine;
  train: Csr;
  k: number;
  signal: AbortSignal;
}

/** An eighth, a quarter and half of the way: early on most is learned. */
export function snapshotEpochs(epochs: number): number[] {
  const parts = [8, 4, 2].map((part) => Math.ceil(epochs / part));
  return [...new Set(parts)].filter((epoch) => epoch < epochs);
}

/** Returns the snapshots that a member's training keeps under its own hash. */
export function keepSnapshots(
  stages: Stages,
  hash: string,
  epochs: readonly number[],
): NonNullable<TrainingContext['snapshots']> {
  return { epochs, keep: (state) => stages.saveTeacher(snapshotHash(hash, state.epochs), state) };
}

const snapshotHash = (hash: string, epoch: number) => `${hash}-after-${epoch}`;

/** @param epochs of the snapshots; those that training went back from are left out */
export function trajectoryOf(
  { teacher, share }: { teacher: Teacher; share: number },
  hash: string,
  epochs: readonly number[],
  stages: Stages,
): Trajectory {
  const cacheOf = (name: string) => stages.outputs(`${name}-curriculum`);
  const before = epochs.filter((epoch) => epoch < teacher.epochs);
  return {
    share,
    stops: [
      ...before.map((epoch) => ({
        epoch,
        lists: (ask: ListsWanted) =>
          cachedLists(ask, cacheOf(snapshotHash(hash, epoch)), async (use) => {
            const state = await stages.loadTeacher(snapshotHash(hash, epoch));
            if (!state) return undefined;
            const then = restoreTeacher(ask.engine, state);
            try {
              return await use(then);
            } finally {
              then.dispose();
            }
          }),
      })),
      {
        epoch: teacher.epochs,
        lists: (ask: ListsWanted) => cachedLists(ask, cacheOf(hash), (use) => use(teacher)),
      },
    ],
  };
}

type Lists = TeacherOutputs | undefined;

async function cachedLists(
  { engine, train, k, signal }: ListsWanted,
  cache: OutputsCache,
  withTeacher: (use: (teacher: Teacher) => Promise<Lists>) => Promise<Lists>,
): Promise<Lists> {
  const kept = await cache.load({ k, ownItems: 'hidden' });
  if (kept) return kept;
  const lists = await withTeacher((teacher) => computeOutputs(engine, teacher, train, k, 'hidden', signal));
  if (lists) await cache.save(lists);
  return lists;
}
