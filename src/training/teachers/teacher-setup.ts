import type { Logger } from '../../core/logger.ts';
import type { Teacher, TrainingContext } from '../../teacher/contract.ts';
import { type ChosenTeacher, chosenTeacher } from '../../teacher/registry.ts';
import type { Held } from '../run/holding.ts';
import type { Stages } from '../run/stages.ts';
import type { FoundTeacher } from './find-teacher.ts';
import { isEnsemble, type TeacherPlan } from './plan-any-teacher.ts';
import type { Trajectory } from './trajectory.ts';

/** All that `obtainTeacher` needs. */
export interface TeacherSetup {
  settings: TeacherPlan;
  found: FoundTeacher;
  /** Returns the hash of all that a teacher's weights depend on; `teacher` says which teacher it is. */
  hashFor(teacher: object): string;
  stages: Stages;
  /** Name of its checkpoints. */
  stage: string;
  /** The training context, without checkpoints. */
  context: TrainingContext;
  logger: Logger;
}

/** A teacher that ranks items, at work in a job, with the facts that the report gives of it. It holds tensors until it is released. */
export interface RankingTeacher extends Held {
  teacher: Teacher;
  ensemble?: EnsembleFacts;
  /** The members' lists of earlier epochs, for a curriculum. */
  trajectories?: Trajectory[];
  /** See RestingTeacher. */
  rest?(): Promise<void>;
}

/** Facts that the report gives of an ensemble, beside its members' own figures. */
export interface EnsembleFacts {
  weights: 'given' | 'validation';
  /** NDCG@10 on validation; null without a validation part. */
  metric: number | null;
  /** The loss of the metric without each member; null where nothing would be left. */
  losses: (number | null)[];
}

export function asRankingTeacher(teacher: Teacher): RankingTeacher {
  return { teacher, dispose: () => teacher.dispose() };
}

/**
 * Copies out what a refit needs of a teacher, which can be released then. Of one that was found it needs nothing: such a teacher
 * stays as it is.
 */
export function chosenOf({ ready, members }: FoundTeacher, teacher: Teacher): ChosenTeacher {
  if (ready) return { settings: teacher.settings, members: [] };
  if (!members) return chosenTeacher(teacher);
  return {
    settings: teacher.settings,
    members: teacher.members!.map((member, i) => ({
      chosen: chosenOf(members[i]!, member.teacher),
      share: member.share,
    })),
  };
}

/** Returns a value that says which teacher it is, whatever it is called: equal for equal ones. */
export function identityOf(settings: TeacherPlan, { ready, members }: FoundTeacher): object {
  if (!isEnsemble(settings)) return ready?.identity ?? settings;
  return {
    ...settings,
    members: settings.members.map((member, i) => identityOf(member, members?.[i] ?? {})),
  };
}
