import { problem } from '../core/errors.ts';
import type { Engine } from '../tensor/engine.ts';
import type { Teacher, TeacherState, TrainingContext } from './contract.ts';
import { restoreSoftmaxTeacher, type SoftmaxSettings, trainSoftmaxTeacher } from './softmax.ts';

export type TeacherSettings = SoftmaxSettings;

type Kind = TeacherSettings['kind'];

/** One entry per kind; a kind that is missing does not compile. */
const TEACHERS: {
  [K in Kind]: {
    train(settings: Extract<TeacherSettings, { kind: K }>, context: TrainingContext): Promise<Teacher>;
    restore(engine: Engine, state: TeacherState): Teacher;
  };
} = {
  softmax: { train: trainSoftmaxTeacher, restore: restoreSoftmaxTeacher },
};

export function trainTeacher(settings: TeacherSettings, context: TrainingContext): Promise<Teacher> {
  return TEACHERS[settings.kind].train(settings as never, context);
}

/** @throws invalid-artifact for a kind that this version does not know */
export function restoreTeacher(engine: Engine, state: TeacherState): Teacher {
  if (!Object.hasOwn(TEACHERS, state.kind)) {
    const known = Object.keys(TEACHERS).join(', ');
    throw problem('invalid-artifact', `There is no teacher of the kind '${state.kind}'; there are: ${known}`);
  }
  return TEACHERS[state.kind as Kind].restore(engine, state);
}
