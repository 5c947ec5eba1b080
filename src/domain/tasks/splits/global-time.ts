import { Type } from 'typebox';
import { parseTimestamp } from '../../base/timestamp.ts';
import { completeFractions, type Fractions, fractions, fractionsProblem } from '../split-fractions.ts';
import { defineSplit } from '../split-kind.ts';

const moment = (description: string) =>
  Type.String({
    maxLength: 64,
    description: `${description} ISO-8601; without a zone UTC.`,
    examples: ['2026-02-01T00:00:00Z'],
  });

interface Options extends Fractions {
  testSince?: string;
  validationSince?: string;
  withoutTimes?: 'refuse' | 'last-fraction';
}

export const globalTime = defineSplit({
  strategy: 'global-time',
  says: 'Everything after one moment is test, everything between an earlier one and that is validation. It needs interactions at different times.',
  options: {
    ...fractions('all interactions', 0.2, 0.1),
    testSince: moment('The moment itself, in place of the fractions.'),
    validationSince: moment('The earlier one.'),
    withoutTimes: Type.Enum(['refuse', 'last-fraction'], {
      description:
        'What is done where interactions have no times, or nobody with a test pair was there before the moment: the job ends with not-enough-data (refuse, the default), or the split is last-fraction of the same shares, with a warning.',
    }),
  },
  tasks: ['single-label', 'sequential', 'rating'],
  complete: completeTimes,
  problem: (split) => fractionsProblem(split) ?? timesProblem(split),
});

function completeTimes({ testSince, validationSince, withoutTimes, ...shares }: Options) {
  return testSince !== undefined && validationSince !== undefined
    ? { testSince, validationSince }
    : { ...completeFractions(shares), ...(withoutTimes && { withoutTimes }) };
}

function timesProblem({ testSince, validationSince, ...shares }: Options): string | null {
  if (testSince === undefined && validationSince === undefined) return null;
  if (testSince === undefined || validationSince === undefined) {
    const [there, missing] = testSince ? ['testSince', 'validationSince'] : ['validationSince', 'testSince'];
    return `dataset.split.${missing} is missing: it goes with ${there}`;
  }
  const fraction = Object.entries(shares).find(([, share]) => share !== undefined)?.[0];
  if (fraction !== undefined)
    return `dataset.split.${fraction} and testSince exclude each other; leave one out`;
  for (const [field, time] of Object.entries({ testSince, validationSince }))
    if (Number.isNaN(parseTimestamp(time)))
      return `dataset.split.${field} must be a time such as 2026-02-01T00:00:00Z; got ${JSON.stringify(time)}`;
  if (parseTimestamp(validationSince) < parseTimestamp(testSince)) return null;
  return `dataset.split.validationSince must be earlier than testSince; got ${validationSince} and ${testSince}`;
}
