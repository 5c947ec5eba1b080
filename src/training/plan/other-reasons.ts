import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import { DEFAULT_MARGIN } from '../../domain/releases/gate-spec.ts';
import { byRule, type Reason } from './reason.ts';

/** Reasons for the test, the publication and what is read of newcomers. */
export const OTHER_REASONS: readonly Reason[] = [
  {
    field: 'evaluation.k',
    tell: ({ spec }) => byRule(spec.evaluation.k, 'The places that lists usually have.'),
  },
  {
    field: 'evaluation.recallDenominator',
    tell: ({ spec }) =>
      byRule(
        spec.evaluation.recallDenominator,
        'All test items of a user, as most published figures have it.',
      ),
  },
  {
    field: 'evaluation.refit',
    tell: ({ spec }) =>
      byRule(
        spec.evaluation.refit,
        'What is served learns from the test part too, once it has been measured.',
      ),
  },
  {
    field: 'evaluation.seeds',
    tell: ({ spec }) =>
      byRule(spec.evaluation.seeds, 'Further seeds cost as much again, and narrow what chance explains.'),
  },
  {
    field: 'evaluation.unseenUsers',
    tell: ({ spec }) =>
      spec.evaluation.unseenUsers === undefined
        ? undefined
        : byRule(
            spec.evaluation.unseenUsers,
            'A tenth of the test users, at most 300, is left out, so that the report says what new users get.',
          ),
  },
  {
    field: 'publish.alias',
    tell: ({ spec }) => byRule(spec.publish.alias, 'What answers requests that name no version.'),
  },
  {
    field: 'publish.gate',
    tell: ({ spec }) =>
      spec.publish.alias === DEFAULT_ALIAS
        ? byRule(
            null,
            'The alias moves only if the student is not worse than the live version, above the baseline and not below the best control.',
          )
        : byRule('off', 'Aliases other than stable serve nobody who does not ask for them.'),
  },
  {
    field: 'publish.margin',
    tell: () => byRule(DEFAULT_MARGIN, 'So much worse, as a share, still counts as not worse.'),
  },
  {
    field: 'publish.undecided',
    tell: () => byRule('estimate', 'Where the test is too small to tell, the estimate decides.'),
  },
  {
    field: 'publish.teacher',
    tell: () =>
      byRule(
        null,
        'The teacher is stored with the version up to 256 MiB, so that later jobs can learn from it.',
      ),
  },
  {
    field: 'features',
    tell: ({ spec }) =>
      spec.task === 'single-label' || spec.task === 'sequential'
        ? {
            ...byRule(
              null,
              'Not trained on. What the catalogue says is read for items that come later, if hidden items show that it finds them.',
            ),
            decidedBy: 'validation',
            choices: ['items that come later are recommended', 'they are not'],
          }
        : undefined,
  },
  { field: 'priority', tell: ({ spec }) => byRule(spec.priority, 'Greater goes first.') },
];
