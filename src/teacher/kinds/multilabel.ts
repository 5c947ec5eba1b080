import { Type } from 'typebox';
import type { TeacherMaker } from '../maker.ts';
import { networkSettings, planNetwork, restoreSoftmaxTeacher, trainSoftmaxTeacher } from './softmax.ts';

const MultilabelSettings = Type.Object({ kind: Type.Literal('multilabel'), ...networkSettings });

/** The network of softmax with a probability for each item by itself. */
export const multilabel: TeacherMaker<typeof MultilabelSettings> = {
  kind: 'multilabel',
  settings: MultilabelSettings,
  plan: (options, size) => ({ kind: 'multilabel', ...planNetwork(options, size) }),
  continues: true,
  train: trainSoftmaxTeacher,
  restore: restoreSoftmaxTeacher,
};
