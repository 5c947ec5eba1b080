import { Type } from 'typebox';
import { ModelName } from '../../base/model-name.ts';
import { defineTeacher } from '../kind.ts';

export const external = defineTeacher({
  kind: 'external',
  origin: 'imported',
  says: 'Scores or lists made elsewhere, imported with POST /imports?kind=teacher.',
  task: 'single-label',
  scores: 'lists',
  layers: false,
  inEpochs: false,
  options: {
    name: Type.Unsafe<string>({
      ...ModelName,
      description: 'The name that it was imported as, such as night-model.',
    }),
    minUsers: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Least share of the users who must have a list; default 0.2.',
      }),
    ),
    minItems: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Least share of the items that must be on some list; default 0.05.',
      }),
    ),
  },
});
