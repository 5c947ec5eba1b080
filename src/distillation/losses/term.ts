import type { Rng } from '../../core/rng.ts';
import type { Scheduled } from '../../domain/base/scheduled.ts';
import type { CompleteLoss } from '../../domain/losses/complete-losses.ts';
import type { LossKind } from '../../domain/losses/loss-spec.ts';
import type { Engine, Scalar } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import type { TeacherSource } from '../lists/teacher-source.ts';
import type { StudentView } from './student-view.ts';

/** A loss with every setting filled in, also those that depend on the catalogue. */
export type LossSettings = Planned<CompleteLoss>;
type Planned<L> = L extends { top?: number }
  ? L & { top: number; samples: number } & (L extends { temperature?: Scheduled }
        ? { temperature: Scheduled }
        : unknown)
  : L;

export type SettingsOf<K extends LossKind> = Extract<LossSettings, { kind: K }>;

/** What a loss is made with. */
export interface TermSetup {
  engine: Engine;
  /** Size of the catalogue. */
  items: number;
  /** Null for a student without a teacher, whose losses need none. */
  teacher: TeacherSource | null;
  /** Saved with checkpoints: every draw of a loss comes from here. */
  rng: Rng;
}

/** A loss at work: the pure function of its file, fed batch by batch. */
export interface Term {
  /** What the batch gives, on the device, off the gradient's way. */
  prepare(step: Step): PreparedTerm;
}

export interface PreparedTerm {
  /** Mean over the batch's users. */
  value(student: StudentView): Scalar;
  dispose(): void;
}

export const NOTHING_TO_DISPOSE = () => undefined;
