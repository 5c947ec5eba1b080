import type { LearnedFile } from '../../artifact/learned.ts';
import { AppError } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import type { NotCompared } from '../run/live-fate.ts';
import type { Run } from '../run/run.ts';
import { type LearnedByVersion, learnedPairsOf } from '../teachers/learned-before.ts';

/** The part of a run that finding the live version needs. */
export type LiveSources = Pick<Run, 'spec' | 'store' | 'artifacts' | 'warn'> &
  Partial<Pick<Run, 'live' | 'contest'>>;

/** The version that is live, with what it learned from. */
export interface LiveVersion {
  version: RegisteredVersion;
  /** Null for a version of an earlier release, which has not kept it. */
  learned: LearnedByVersion | null;
}

/** A reason why a version is not compared, as the rest of a sentence. */
export class NotComparable extends Error {
  readonly kind: NotCompared;

  constructor(why: string, kind: NotCompared = 'of-another-kind') {
    super(why);
    this.kind = kind;
  }
}

/**
 * Finds the version that the job is about to replace: the one under the alias that the job publishes to or, where there is none
 * yet, under `stable`. A student of the same request that took the alias a moment ago is none: all of them are measured against the
 * version that was live before the first. Undefined where nothing was live.
 */
export async function findLive({
  spec,
  store,
  live,
  contest,
}: LiveSources): Promise<RegisteredVersion | undefined> {
  const versions = await store.models.versions(spec.model);
  const aliases = [spec.publish.alias, DEFAULT_ALIAS];
  const alias = aliases.find((one) => versions.some((version) => version.aliases.includes(one)));
  if (alias === undefined) return undefined;
  const rivals = (contest !== undefined && (await store.models.contestants?.(contest))) || [];
  const isRival = ({ version }: RegisteredVersion) => rivals.some((rival) => rival.version === version);
  const current = versions.find((version) => version.aliases.includes(alias))!;
  const found = isRival(current)
    ? (await store.models.before?.(spec.model, alias))?.find((version) => !isRival(version))
    : current;
  if (!found) return undefined;
  live?.found(found.version, alias);
  return found;
}

/**
 * Opens the live version for a comparison. What makes one impossible, a damaged artifact among it, is a warning: the job does not
 * fail for it.
 * @param open throws NotComparable for a version of another kind
 * @param which the task, where the job has several, and what is held out
 */
export async function openLive<T>(
  run: LiveSources,
  version: RegisteredVersion,
  open: (version: RegisteredVersion) => Promise<T>,
  which: { task?: string; of?: LearnedFile['of'] } = {},
): Promise<(T & LiveVersion) | undefined> {
  return warnIfNot(run, version, which.task, async () => {
    const opened = await open(version);
    const learned = await learnedPairsOf(run.artifacts, version, which);
    if (!learned?.isWhole) {
      run.warn(
        `Nobody knows all that ${titleOf(version)}, learned from${ofTask(which.task)}: where test pairs are among it, its figures are too good`,
      );
    }
    return { ...opened, version, learned };
  });
}

/** Does what compares a version, and warns why it could not; undefined then. */
export async function warnIfNot<T>(
  { warn, live }: Pick<LiveSources, 'warn' | 'live'>,
  version: RegisteredVersion,
  task: string | undefined,
  compare: () => Promise<T> | T,
): Promise<T | undefined> {
  try {
    return await compare();
  } catch (error) {
    const isDamaged = error instanceof AppError && error.code === 'invalid-artifact';
    if (!isDamaged && !(error instanceof NotComparable)) throw error;
    const kind = error instanceof NotComparable ? error.kind : 'damaged';
    live?.notCompared({ kind, why: error.message, ...(task !== undefined && { task }) });
    warn(`There is no comparison with ${titleOf(version)}${ofTask(task)}: ${error.message}`);
    return undefined;
  }
}

function titleOf({ model, version }: RegisteredVersion): string {
  return `version ${version} of ${model}, which is live`;
}

function ofTask(task: string | undefined): string {
  return task === undefined ? '' : ` (task ${task})`;
}
