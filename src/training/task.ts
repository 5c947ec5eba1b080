import type { ReportSummary } from '../domain/answers/model.ts';
import type { ReportBody, ReportHead } from './report.ts';
import type { Held } from './run/holding.ts';
import type { Draft, Packed } from './run/pack.ts';
import type { ControlStage } from './run/progress.ts';
import type { Fit, Run, RunningStage } from './run/run.ts';
import type { StorableTeacher } from './run/teacher-files.ts';

/**
 * What a task adds to the story of pipeline.ts. It knows nothing of the stages' order and time, of warnings' way, of the head of
 * the report and of publication; the pipeline knows nothing of what T (what teaches) and S (what is taught) are.
 */
export interface Task<T extends Held = Held, S extends Held = Held, B extends ReportBody = ReportBody> {
  /** Name of what its models are validated by, in the job's progress. */
  metric: string;
  /** The stage in which its controls are trained. */
  control: ControlStage;
  /**
   * Reads the data of one moment, splits it, finds teachers that no job trains, and plans: all that can be refused is refused
   * here, before anything is trained.
   * @throws problem('not-enough-data'), problem('invalid-job')
   */
  open(run: Run): Promise<OpenTask<T, S, B>>;
}

/** A teacher and its student over one set of data, with a plan that leaves nothing open. */
export interface Distillation<T extends Held, S extends Held, B extends ReportBody> {
  /** All that the student's weights depend on: names the checkpoints of every loop but the teacher's own. */
  identity: readonly unknown[];
  /**
   * Makes the teacher, or several that T holds together. What is trained goes through `obtain` (run/obtain.ts), which keeps
   * it for the next job with the same hash; a refit trains anew, with `stage.fit(identity)`. What it holds when it throws it
   * has released.
   */
  teach(stage: RunningStage): Promise<T>;
  /** Readies the student: parameters that it takes over, and what its losses will ask of the teacher. No tensors are left. */
  transfer(teacher: T, fit: Fit): Promise<(fit: Fit) => Promise<S>>;
  /** The files of a student that may have been released. */
  pack(student: S, report: B & ReportHead, draft: Draft): Packed;
}

/** The distillation that is tested; training sees nothing of the test part. */
export interface OpenTask<T extends Held, S extends Held, B extends ReportBody>
  extends Distillation<T, S, B> {
  controls: readonly Control<T, S>[];
  /** Measures everybody on the test part, the student as it will be served. */
  assess(
    contestants: { teacher: T; student: S; controls: readonly S[] },
    advance: RunningStage['advance'],
  ): Promise<Assessment<B>>;
  /** Teachers to store with the version. */
  storable(teacher: T): readonly StorableTeacher[];
  /** The same distillation on all data, as training chose it, for as many epochs as gave the best weights. */
  whole(chosen: { teacher: T; student: S }): Distillation<T, S, B>;
}

/** The same student without what is being proved. It is released as soon as it is trained: its weights must do for `assess`. */
export interface Control<T extends Held, S extends Held> {
  train(teacher: T, fit: Fit): Promise<S>;
}

export interface Assessment<B extends ReportBody> {
  report: B;
  /** What the registry shows of the version. */
  summary: ReportSummary;
}
