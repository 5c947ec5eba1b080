import { type Static, Type } from 'typebox';
import { HistoryKind } from './history-report.ts';
import { Measured } from './measured.ts';

export const Finding = Type.Object({
  about: Type.String({
    description: 'Name of the model that the student is compared with.',
    examples: ['teacher', 'student-alone', 'popularity'],
  }),
  result: Type.Enum(['better', 'equal', 'worse'], {
    description: 'The student against that model. equal: the interval of the paired difference holds 0.',
  }),
  metric: Type.String({ examples: ['ndcg@10'] }),
  difference: {
    ...Measured,
    description: "The student's metric minus the other's; of errors the other way round: above 0 is better.",
  },
  text: Type.String({ description: 'The finding as a sentence.' }),
  task: Type.Optional(Type.String({ description: 'Of a job with tasks: the task.' })),
});
export type Finding = Static<typeof Finding>;

export const LossFinding = Type.Object({
  about: Type.Enum(['tail', 'coverage', 'unseen', 'rounding'], {
    description:
      'tail: recall on the least popular items, which carry a third of the interactions. coverage: items that are shown to anybody. unseen: users of whom the student learned nothing, against those that it knows. rounding: the student before its weights were rounded.',
  }),
  metric: Type.String({ examples: ['recall@50', 'coverage@10'] }),
  student: Type.Number(),
  before: Type.Number({
    description:
      "What it is compared with: the teacher's figure, for unseen that of known users, for rounding that of the student before it.",
  }),
  text: Type.String({ description: 'The loss as a sentence.' }),
  task: Type.Optional(Type.String({ description: 'Of a job with tasks: the task.' })),
});
export type LossFinding = Static<typeof LossFinding>;

export const Verdict = Type.Object(
  {
    text: Type.String({
      description: 'One paragraph of plain words, made of the findings, losses and advice below.',
    }),
    findings: Type.Array(Finding),
    lost: Type.Array(LossFinding, {
      description:
        'Figures that fell by more than a tenth (rounding: by more than a hundredth). Of unseen users and of rounding the intervals have to show it too; the others have none, and tail items are left out with fewer than 30 test users.',
    }),
    advice: Type.Array(Type.String(), { description: 'What to try next, the most promising first.' }),
  },
  { description: 'What the report says in plain words, made from its intervals.' },
);
export type Verdict = Static<typeof Verdict>;

export const Headline = Type.Object(
  {
    metric: Type.String({ examples: ['ndcg@10'] }),
    better: Type.Enum(['higher', 'lower']),
    history: HistoryKind,
    student: { ...Measured, description: "The student's metric." },
    teacher: { ...Measured, description: "The teacher's metric on the same users." },
    retained: Type.Optional({
      ...Measured,
      description:
        "The student's metric divided by the teacher's, of errors the other way round: above 1 is better. Left out where the teacher's is 0.",
    }),
    overlap: Type.Optional({
      ...Measured,
      description: "Share of the teacher's first ten (or fewest places measured) that the student shows too.",
    }),
  },
  {
    description:
      'The figure to quote: what a user of tomorrow gets. It is taken over users whose histories are newer than the student, or else unseen users, or else taught ones.',
  },
);
export type Headline = Static<typeof Headline>;
