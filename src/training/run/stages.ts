import { rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { AppError, messageOf } from '../../core/errors.ts';
import { evictFiles } from '../../core/evict-files.ts';
import type { Logger } from '../../core/logger.ts';
import type { OutputsCache } from '../../distillation/lists/teacher-outputs.ts';
import { checkpointFolder } from '../../jobs/checkpoint-folder.ts';
import type { TeacherParts, TeacherState, TrainingContext } from '../../teacher/contract.ts';
import type { Engine } from '../../tensor/engine.ts';
import { readCheckpoint, writeCheckpoint } from '../../tensor/train/checkpoint.ts';
import { createKeptMarks } from './kept-marks.ts';
import { type KeptOutputs, openOutputs, packOutputs } from './kept-outputs.ts';
import type { SharedFiles } from './shared-files.ts';

export interface StagesOptions {
  /** The folder in which everything is kept; machines share it when jobs are to go on elsewhere. */
  folder: string;
  /** The job, or the first one of a chain of retries. */
  jobKey: string;
  /** Time between two checkpoints; each costs a copy of all parameters. */
  checkpointSeconds: number;
  /** Size from which models are put aside while others work; 16 by default. Smaller ones are not worth the writing. */
  asideFromMiB?: number;
  /** Size of the cache of trained teachers and their lists, over all jobs. It drops those that were not used for longest. */
  mostCacheMiB: number;
  /** Told how many parts of the work are kept by now, whenever that grows. */
  onKept?(parts: number): void;
  logger: Logger;
  /** Where the machines of an installation share what is kept; they go on from each other's checkpoints then. */
  shared?: SharedFiles | undefined;
}

/** Work that a job need not do again: finished teachers, whoever trained them, and its own training up to a checkpoint. */
export interface Stages {
  /** Opens the checkpoints of one training loop. The identity must hold everything that its weights depend on. */
  resume(stage: string, identity: string): Promise<NonNullable<TrainingContext['resume']>>;
  loadTeacher(hash: string): Promise<TeacherState | undefined>;
  saveTeacher(hash: string, state: TeacherState): Promise<void>;
  outputs(teacherHash: string): OutputsCache;
  /** Keeps a teacher of this job in a file, so that its memory can be released. @returns false where it could not be kept, or is too small */
  putAside(name: string, bytes: number, state: () => TeacherState): Promise<boolean>;
  /** Reads again what was put aside. */
  takeBack(name: string): Promise<TeacherState>;
  /** Parts of a teacher that other trainers may take, by the hash of the whole; undefined where there are none. */
  parts?: ((whole: string, engine: Engine) => TeacherParts) | undefined;
}

type Checkpoint = NonNullable<NonNullable<TrainingContext['resume']>['resumeFrom']>;

const MIB = 2 ** 20;
const ASIDE_FROM_MIB = 16;

export function createStages(options: StagesOptions): Stages {
  const { logger, shared } = options;
  const mine = checkpointFolder(options);
  const cache = path.join(options.folder, 'teachers');
  const note = createKeptMarks(mine, options);

  /** Reads a file; one that is damaged, or of other settings, is as good as none. Keeping files never fails the job. */
  async function read<T>(file: string, identity: string): Promise<T | undefined> {
    try {
      return (await readCheckpoint(file, identity)) as T | undefined;
    } catch (error) {
      const why = error instanceof AppError ? error.detail : messageOf(error);
      logger.info({ why }, 'what was kept cannot be used; this part is done again');
      await rm(file, { force: true }).catch(() => {});
      return undefined;
    }
  }

  /** Returns false where it could not be written. What has a mark is a part of the work: it is counted, and sent to others. */
  async function write(file: string, value: unknown, identity: string, mark?: string): Promise<boolean> {
    try {
      await writeCheckpoint(file, value, identity);
    } catch (error) {
      logger.warn({ reason: messageOf(error), file }, 'this part could not be kept');
      return false;
    }
    if (mark === undefined) return true;
    shared?.send(file);
    await note(mark);
    return true;
  }

  async function readCached<T>(name: string): Promise<T | undefined> {
    const file = path.join(cache, name);
    await shared?.fetchMissing(file);
    const found = await read<T>(file, name);
    const now = new Date();
    if (found !== undefined) await utimes(file, now, now).catch(() => {});
    return found;
  }

  async function writeCached(name: string, value: unknown, bytes: number): Promise<void> {
    if (bytes > options.mostCacheMiB * MIB) return;
    await write(path.join(cache, name), value, name, name);
    await evictFiles(cache, options.mostCacheMiB * MIB).catch((error) =>
      logger.warn({ reason: messageOf(error) }, 'old teachers could not be removed'),
    );
  }

  return {
    async resume(stage, identity) {
      const file = path.join(mine, `${stage}.checkpoint`);
      const resumeFrom = await newestOf(file, (each) => read<Checkpoint>(each, identity), shared);
      if (resumeFrom) logger.info({ stage, epoch: resumeFrom.epoch }, 'going on from a checkpoint');
      let last = performance.now();
      return {
        ...(resumeFrom && { resumeFrom }),
        checkpointDue: () => performance.now() - last >= options.checkpointSeconds * 1000,
        async onCheckpoint(state) {
          await write(file, state, identity, `${stage} ${identity} ${state.epoch}`);
          last = performance.now();
        },
      };
    },
    loadTeacher: (hash) => readCached<TeacherState>(`${hash}.teacher`),
    saveTeacher: (hash, state) => writeCached(`${hash}.teacher`, state, bytesOf(state)),
    outputs: (hash) => ({
      async load({ k, ownItems }) {
        const kept = await readCached<KeptOutputs>(`${hash}.${k}.${String(ownItems)}.lists`);
        return kept && openOutputs(kept);
      },
      async save(outputs) {
        const kept = packOutputs(outputs);
        const bytes = kept.ids.byteLength + kept.below.byteLength;
        await writeCached(`${hash}.${outputs.k}.${String(outputs.ownItems)}.lists`, kept, bytes);
      },
    }),
    ...keptAside(mine, options, { read, write }),
  };
}

/** The newer one of the checkpoints of this machine and of another one. */
async function newestOf(
  file: string,
  read: (file: string) => Promise<Checkpoint | undefined>,
  shared: SharedFiles | undefined,
): Promise<Checkpoint | undefined> {
  const here = await read(file);
  const elsewhere = `${file}.elsewhere`;
  const fetched = (await shared?.fetch(file, elsewhere)) ? await read(elsewhere) : undefined;
  return fetched && fetched.epoch > (here?.epoch ?? -1) ? fetched : here;
}

interface Files {
  read<T>(file: string, identity: string): Promise<T | undefined>;
  write(file: string, value: unknown, identity: string): Promise<boolean>;
}

function keptAside(
  folder: string,
  { asideFromMiB = ASIDE_FROM_MIB }: StagesOptions,
  { read, write }: Files,
): Pick<Stages, 'putAside' | 'takeBack'> {
  return {
    putAside: async (name, bytes, state) =>
      bytes >= asideFromMiB * MIB && (await write(path.join(folder, `${name}.aside`), state(), name)),
    async takeBack(name) {
      const state = await read<TeacherState>(path.join(folder, `${name}.aside`), name);
      if (!state) throw new Error(`${name} was put aside and cannot be read again`);
      return state;
    },
  };
}

export function bytesOf(state: TeacherState): number {
  return Object.values(state.tensors).reduce((sum, { values }) => sum + values.byteLength, 0);
}
