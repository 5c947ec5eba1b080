import { Type } from 'typebox';
import { AliasName } from '../../base/alias-name.ts';
import { ModelName } from '../../base/model-name.ts';
import { defineTeacher } from '../kind.ts';

export const stored = defineTeacher({
  kind: 'stored',
  origin: 'stored',
  says: 'The teacher or the student of a version of a model, which is what naming a model means.',
  task: 'single-label',
  // Nobody knows before the version is read; soft labels take its scores as they are.
  scores: 'logits',
  layers: true,
  inEpochs: false,
  options: {
    model: Type.Unsafe<string>({
      ...ModelName,
      description: 'The name of a model, a version of which teaches. Its items are found again by their ids.',
    }),
    version: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Left out, the alias decides.' }),
    ),
    alias: Type.Optional(
      Type.Unsafe<string>({
        ...AliasName,
        description: 'Default stable. The job is accepted with the version that it points at.',
      }),
    ),
    part: Type.Optional(
      Type.Enum(['teacher', 'student', 'renewed'], {
        description:
          "What teaches: the teacher that was stored with the version (default), as it is; the student that the version published; or the version's teacher trained on with the data of today (renewed). With renewed the job takes over what the version chose (kinds and settings of teachers, their weights, the way the student is made), and its student starts from the published one: for schedules.",
      }),
    ),
  },
  problem: ({ version, alias }) =>
    version === undefined || alias === undefined
      ? null
      : 'teacher.version and teacher.alias exclude each other; send one of them',
});
