import type { Rng } from '../../core/rng.ts';
import type { LossKind, SettingsOf } from '../../domain/losses/loss-spec.ts';
import type { Side } from '../../domain/losses/options.ts';
import type { NamedInitial } from '../../student/network.ts';
import type { Engine, Scalar } from '../../tensor/engine.ts';
import type { Step } from '../lists/step.ts';
import type { TeacherSource } from '../lists/teacher-source.ts';
import type { StudentView } from './student-view.ts';

/** The arithmetic of one kind of loss. What else there is to know of it is in src/domain/losses/kinds. */
export interface LossTerm<K extends LossKind> {
  term(settings: SettingsOf<K>, setup: TermSetup): Term;
  /** Trainable arrays of the loss itself, thrown away with it, such as the projection of a hint. */
  parameters?(settings: SettingsOf<K>, dimensions: number, widths: TeacherWidths, rng: Rng): NamedInitial;
}

/** Widths of a teacher's vectors; items only where it has item factors. */
export interface TeacherWidths {
  user: number;
  item?: number;
}

/** All that a loss needs before it sees its first batch. */
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
  /** Computes all that depends on the batch alone, on the device, before gradients are taken. */
  prepare(step: Step): PreparedTerm;
}

export interface PreparedTerm {
  /** Mean over the batch's users. */
  value(student: StudentView): Scalar;
  dispose(): void;
}

export const NOTHING_TO_DISPOSE = () => undefined;

/** The two sides of a loss that ranks items for users, users for items, or does both: then it is the sum of the two. */
export function bySide(
  side: Side | undefined,
  sides: Record<'users' | 'items', () => PreparedTerm>,
  { tf }: Engine,
): PreparedTerm {
  // Settings that were stored before there were sides say nothing of them.
  if (side !== 'items' && side !== 'both') return sides.users();
  const items = sides.items();
  if (side === 'items') return items;
  const users = sides.users();
  return {
    value: (student) => tf.add(users.value(student), items.value(student)) as Scalar,
    dispose() {
      users.dispose();
      items.dispose();
    },
  };
}
