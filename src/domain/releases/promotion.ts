import { type Static, Type } from 'typebox';
import { AliasName } from '../base/alias-name.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

/** The outcome of one rule of a gate. */
export const RuleOutcome = Type.Object({
  rule: Type.String({
    description:
      'live, baseline and control are there without being asked for; the others are as the job wrote them. unmoved: nobody else has moved the alias since the comparison. chosen: of several students.',
    examples: ['live', 'ndcg@10 retained >= .97'],
  }),
  value: orNull(
    Type.Number({
      description:
        'What was measured: of live, baseline and control the paired difference, above 0 is better; of p50 and p99 microseconds. null where it was not measured.',
    }),
  ),
  low: Type.Optional(Type.Number({ description: 'Lower end of its 95 % interval.' })),
  high: Type.Optional(Type.Number()),
  limit: orNull(Type.Number({ description: 'What it had to reach, in the units of value.' })),
  passed: Type.Boolean(),
  decided: Type.Enum(['interval', 'estimate', 'figure', 'nothing'], {
    description:
      'By what: the interval of the difference alone, the estimate where the test was too small, a figure against its limit, or nothing, where it could not be measured.',
  }),
  text: Type.String({ description: 'The same as a sentence.' }),
  task: Type.Optional(Type.String({ description: 'Of a job with tasks: the task.' })),
});
export type RuleOutcome = Static<typeof RuleOutcome>;

/** The outcome of a gate: a version took the alias of its job or did not, and why. */
export const Promotion = Type.Object(
  {
    promoted: Type.Boolean(),
    alias: AliasName,
    gate: Type.Enum(['on', 'off'], { description: 'off: the alias moved without a question.' }),
    comparedWith: orNull(
      Type.Integer({ description: 'The version that was live, and that the student was measured against.' }),
    ),
    rules: Type.Array(RuleOutcome),
    place: Type.Optional(Type.Integer({ description: 'Among several students.' })),
  },
  {
    description:
      'Whether the version took the alias. With promoted false it stays under the alias candidate; PUT of the alias overrides that, with a reason.',
  },
);
export type Promotion = Static<typeof Promotion>;

/** Judgement of a version by its trainer, without what only the registry knows. */
export interface GateVerdict {
  comparedWith: number | null;
  /** The alias under which the live version was found; null where nothing was live. */
  foundUnder: string | null;
  rules: RuleOutcome[];
  /** The figure by which one of several students is chosen; above is better. */
  merit: number | null;
}
