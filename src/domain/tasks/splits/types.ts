import { Type } from 'typebox';
import { InteractionType } from '../../data/interaction.ts';
import { defineSplit } from '../split-kind.ts';

type TestHistory = 'train' | 'train+validation';

interface Options {
  test?: string;
  validation?: string;
  validationFraction?: number;
  testHistory?: TestHistory;
}

export const types = defineSplit({
  strategy: 'types',
  says: 'Interactions that were imported under the types `test` and `validation` are held out; what has another type is trained on.',
  options: {
    test: InteractionType,
    validation: InteractionType,
    validationFraction: Type.Number({
      minimum: 0,
      maximum: 0.5,
      description:
        'Without a validation type: share of each training history that is held out for tuning; 0 trains on all of it; default 0.1.',
    }),
    testHistory: Type.Enum(['train', 'train+validation'], {
      description:
        'What the scores for the test are computed from. The validation interactions are never recommended, either way. Published results mostly use train, the default; without a validation type it is always train+validation, the published training part.',
    }),
  },
  tasks: ['single-label', 'sequential'],
  complete: completeTypes,
  problem({ test, validation, validationFraction, testHistory }) {
    if (test === undefined)
      return 'dataset.split.test is missing: it names the interaction type that is held out';
    if (test === validation)
      return `dataset.split.validation and test are both ${test}; they must be two types`;
    if (validation !== undefined && validationFraction !== undefined)
      return 'dataset.split.validationFraction does not apply beside validation; leave one out';
    if (validation === undefined && testHistory !== undefined)
      return 'dataset.split.testHistory only applies beside a validation type';
    return null;
  },
});

function completeTypes({ test = '', validation, testHistory = 'train', validationFraction = 0.1 }: Options) {
  return validation === undefined ? { test, validationFraction } : { test, validation, testHistory };
}
