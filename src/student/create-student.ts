import type { StudentKind } from '../domain/students/student-spec.ts';
import type { Engine } from '../tensor/engine.ts';
import type { OptimizerSettings } from '../tensor/train/optimizer.ts';
import { createFoldInStudent } from './fold-in.ts';
import type { NamedInitial, StudentNetwork } from './network.ts';
import { createSequentialStudent } from './sequential.ts';
import type { StudentSettings } from './settings.ts';
import type { StudentSide } from './side-inputs.ts';
import type { FoldInStart } from './start.ts';

/**
 * @param auxiliary parameters of the losses, trained beside the student's own
 * @param side of students that read features; the caller disposes it
 */
type Create = (
  engine: Engine,
  items: number,
  settings: StudentSettings,
  start: FoldInStart,
  optimizer: OptimizerSettings,
  auxiliary: NamedInitial,
  side: StudentSide,
) => StudentNetwork;

const BY_KIND: Record<StudentKind, Create> = {
  'fold-in': createFoldInStudent,
  sequential: (engine, items, settings, start, optimizer, auxiliary) =>
    createSequentialStudent(
      engine,
      items,
      { ...settings, encoder: settings.encoder! },
      { ...start, encoder: start.encoder! },
      optimizer,
      auxiliary,
    ),
};

export const createStudent: Create = (engine, items, settings, ...rest) =>
  BY_KIND[settings.kind](engine, items, settings, ...rest);
