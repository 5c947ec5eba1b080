import type { ReportSummary } from '../domain/answers/model.ts';
import type { ReportBody, ReportHead } from './report.ts';
import type { Held } from './run/holding.ts';
import type { Draft, Packed } from './run/pack.ts';
import type { ControlStage } from './run/progress.ts';
import type { Fit, Run, RunningStage } from './run/run.ts';
import type { StorableTeacher } from './run/teacher-files.ts';

/**
 * The part of the story in pipeline.ts that differs from task to task. A task knows nothing of the order and time of the stages,
 * of how warnings travel, of the head of the report and of publication; the pipeline knows nothing of T, which teaches, and S,
 * which is taught.
 */
export interface Task<
  T extends Held = Held,
  S extends Held = Held,
  B extends ReportBody = ReportBody,
  C extends Held = S,
> {
  /** Name of the metric by which its models are validated, for the job's progress. */
  metric: string;
  /** The stage in which its controls are trained. */
  control: ControlStage;
  /**
   * Reads the data of one moment, splits it, finds teachers that no job trains, and plans: all that can be refused is refused
   * here, before anything is trained.
   * @throws problem('not-enough-data'), problem('invalid-job')
   */
  open(run: Run): Promise<OpenTask<T, S, B, C>>;
}

/** A teacher and its student over one set of data, with a plan that leaves nothing open. */
export interface Distillation<T extends Held, S extends Held, B extends ReportBody> {
  /** All that the student's weights depend on; it identifies the checkpoints of every loop but the teacher's own. */
  identity: readonly unknown[];
  /**
   * Makes the teacher, or several that T holds together. A teacher that is trained goes through `obtain` (run/obtain.ts), which
   * keeps it for the next job with the same hash; a refit trains anew, with `stage.fit(identity)`. It releases what it holds
   * before it throws.
   */
  teach(stage: RunningStage): Promise<T>;
  /**
   * Prepares the student: the parameters that it takes over, and the teacher's answers that its losses need. No tensors are left.
   */
  transfer(teacher: T, fit: Fit): Promise<(fit: Fit) => Promise<S>>;
  /** Returns the files of a student, which may have been released. */
  pack(student: S, report: B & ReportHead, draft: Draft): Packed;
}

/** The distillation that is tested; training sees nothing of the test part. */
export interface OpenTask<T extends Held, S extends Held, B extends ReportBody, C extends Held = S>
  extends Distillation<T, S, B> {
  controls: readonly Control<T, C>[];
  /** Measures everybody on the test part, the student as it will be served. */
  assess(
    contestants: { teacher: T; student: S; controls: readonly C[] },
    advance: RunningStage['advance'],
  ): Promise<Assessment<B>>;
  /** Teachers to store with the version. */
  storable(teacher: T): readonly StorableTeacher[];
  /** Plans the same distillation on all data, as training chose it, for as many epochs as gave the best weights. */
  whole(chosen: { teacher: T; student: S }): Distillation<T, S, B>;
}

/**
 * Controls: the same student without the thing that is to be proved, and the best small model without it. They are released as soon
 * as they are trained, so their weights must do for `assess`.
 */
export interface Control<T extends Held, C extends Held> {
  train(teacher: T, fit: Fit): Promise<C>;
}

export interface Assessment<B extends ReportBody> {
  report: B;
  /** The figures that the registry shows of the version. */
  summary: ReportSummary;
}
