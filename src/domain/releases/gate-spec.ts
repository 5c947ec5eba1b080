import { type Static, Type } from 'typebox';
import { CHOICES } from './choose-student.ts';

/** A rule in an object; its text form says the same. */
export const GateRuleSpec = Type.Object(
  {
    metric: Type.String({ minLength: 1, maxLength: 60, examples: ['ndcg@10'] }),
    measure: Type.Optional(
      Type.Enum(['value', 'retained'], {
        description:
          "value: the student's figure (default). retained: its share of the teacher's, of errors the other way round.",
      }),
    ),
    among: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        description:
          'A kind of history (unseen, newer, taught) or a segment of the report, such as items:tail.',
        examples: ['unseen'],
      }),
    ),
    atLeast: Type.Optional(Type.Number()),
    atMost: Type.Optional(Type.Number({ description: 'Of p50 and p99 in milliseconds, of bytes in bytes.' })),
  },
  { additionalProperties: false },
);
export type GateRuleSpec = Static<typeof GateRuleSpec>;

const GateSpec = Type.Union(
  [
    Type.Literal('off'),
    Type.Array(Type.Union([Type.String({ minLength: 1, maxLength: 120 }), GateRuleSpec]), { maxItems: 32 }),
  ],
  {
    'x-must-be':
      '"off", or a list of rules such as ["ndcg@10 retained >= .97", {"metric": "coverage", "atLeast": 0.3}]',
    description:
      'What the version must hold, beside not being worse than the live version, popularity and the best control, before the alias moves to it: rules such as "ndcg@10 retained >= .97", "overlap@10 unseen >= .6", "recall@10 items:tail >= .02", "bytes <= 2 MB", "p99 <= .2 ms", or the same as objects. off moves the alias without asking. Left out: no further rules where the alias is stable, off for other aliases.',
    examples: [['ndcg@10 retained >= .97', 'bytes <= 2e6']],
  },
);

/** Options of `publish` that decide whether the alias moves. */
export const gateOptions = {
  gate: Type.Optional(GateSpec),
  margin: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description:
        'How much worse than the live version, and than the best control, counts as not worse, as a share of their figure; default 0.02. Of several students also how near to the best a smaller one must come.',
    }),
  ),
  undecided: Type.Optional(
    Type.Enum(['estimate', 'refuse'], {
      description:
        'What happens where the test is too small to tell. estimate (default): the estimate decides, it may lie below by the margin or by one standard error, whichever is more. refuse: the alias stays where it is.',
    }),
  ),
  choose: Type.Optional(
    Type.Enum([...CHOICES], {
      description:
        'Which of several students that pass takes the alias: the best by the metric of the headline (default), the smallest within the margin of it, or the knee of quality over bytes (default of `search`; docs/releases.md).',
    }),
  ),
  place: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 32,
      description:
        'Place among several students; written by `students` and `search`, each of which also gets the alias `<alias>-<place>`.',
    }),
  ),
};

export const DEFAULT_MARGIN = 0.02;
/** Every version that a gate judges is behind this alias until the next one comes. */
export const CANDIDATE_ALIAS = 'candidate';
