import type { LearnedFile } from '../artifact/learned.ts';
import type { ReportSummary } from '../domain/answers/model.ts';
import type { Report } from '../domain/reports/report.ts';
import type { ReportBody } from './report.ts';
import type { Held } from './run/holding.ts';
import type { Draft, Packed } from './run/pack.ts';
import type { ProbeLists } from './run/probe-lists.ts';
import type { ControlStage } from './run/progress.ts';
import type { Fit, Run, RunningStage } from './run/run.ts';
import type { StorableTeacher } from './run/teacher-files.ts';

/**
 * The part of the story in pipeline.ts that differs from task to task. A task knows nothing of the order and time of the stages,
 * of how warnings travel, of the head of the report and of publication; the pipeline knows nothing of T, which teaches, and S,
 * which is taught.
 */
export interface Task<T extends Held = Held, S extends Held = Held, C extends Held = S> {
  /** Name of the metric by which its models are validated, for the job's progress. */
  metric: string;
  /** The stage in which its controls are trained. */
  control: ControlStage;
  /**
   * Reads the data of one moment, splits it, finds teachers that no job trains, and plans: all that can be refused is refused
   * here, before anything is trained.
   * @throws problem('not-enough-data'), problem('invalid-job')
   */
  open(run: Run): Promise<OpenTask<T, S, C>>;
}

/** A teacher and its student over one set of data, with a plan that leaves nothing open. */
export interface Distillation<T extends Held, S extends Held> {
  /** All that the student's weights depend on; it identifies the checkpoints of every loop but the teacher's own. */
  identity: readonly unknown[];
  /**
   * Makes the teacher, or several that T holds together. A teacher that is trained goes through `obtain` (run/obtain.ts), which
   * keeps it for the next job with the same hash; a refit trains on, with `stage.fit(identity)`. It releases what it holds
   * before it throws.
   */
  teach(stage: RunningStage): Promise<T>;
  /**
   * Prepares the student: the parameters that it takes over, and the teacher's answers that its losses need. No tensors are left.
   */
  transfer(teacher: T, fit: Fit): Promise<(fit: Fit) => Promise<S>>;
  /** Returns what teacher and student learn from, those who taught the teacher included; stored with the version. */
  learned(): LearnedFile;
  /** Returns the files of a student, which may have been released. */
  pack(student: S, report: Report, draft: Draft): Packed;
}

/** Student and controls of another seed, for a job that asks for several. */
export interface Repeat<S extends Held, C extends Held = S> {
  seed: number;
  student: S;
  /** Released already, as the controls of the first seed are. */
  controls: readonly C[];
}

/** All seeds that students were trained with, the published one's first. */
export function seedsOf(first: number, repeats: readonly { seed: number }[]): number[] {
  return [first, ...repeats.map(({ seed }) => seed)];
}

/** The distillation that is tested; training sees nothing of the test part. */
export interface OpenTask<T extends Held, S extends Held, C extends Held = S> extends Distillation<T, S> {
  controls: readonly Control<T, C>[];
  /** Measures everybody on the test part, the student as it will be served. */
  assess(
    contestants: { teacher: T; student: S; controls: readonly C[]; repeats: readonly Repeat<S, C>[] },
    advance: RunningStage['advance'],
  ): Promise<Assessment>;
  /** Teachers to store with the version. */
  storable(teacher: T): readonly StorableTeacher[];
  /**
   * Plans the same distillation on all data, as training chose it: all that it needs of the two is copied out here, as they are
   * released before it begins.
   */
  whole(chosen: { teacher: T; student: S }): Refit<T, S>;
}

/** Teacher and student once more, on all data and on from the weights that were tested, which are part of the identity. */
export interface Refit<T extends Held, S extends Held> extends Distillation<T, S> {
  /** The first places of a student's answers to some hundred histories; the tested student's and the refitted one's are compared. */
  lists(student: S): ProbeLists;
}

/**
 * Controls: the same student without the thing that is to be proved, and the best small model without it. They are released as soon
 * as they are trained, so their weights must do for `assess`.
 */
export interface Control<T extends Held, C extends Held> {
  train(teacher: T, fit: Fit): Promise<C>;
}

export interface Assessment {
  report: ReportBody;
  /** The figures that the registry shows of the version. */
  summary: ReportSummary;
}
