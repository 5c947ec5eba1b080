import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { ModelName } from '../base/model-name.ts';
import { AnyTime } from '../base/timestamp.ts';

const MAX_TARGETS = 1000;

const targets = {
  items: Type.Optional(Type.Array(Id, { maxItems: MAX_TARGETS, examples: [['film-7']] })),
  categories: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100, examples: [['Horror']] }),
  ),
};

/** A rule as clients send it. src/http/routes/rules.ts checks which members go with which action. */
export const NewRule = Type.Object(
  {
    action: Type.Enum(['pin', 'hide', 'boost'], {
      description:
        'pin: these items stand at the given position, one after the other, whoever asks. hide: never shown. boost: their probability is multiplied by `factor`.',
    }),
    ...targets,
    model: Type.Optional(
      Type.Union([ModelName, Type.Null()], {
        description: 'Only in answers of this model; without it, in all.',
      }),
    ),
    position: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'For pin: 1, the default, is the first.' }),
    ),
    factor: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 1000,
        description:
          'For boost: how many times as probable the items become for everybody, by the calibrated scores of the model; below 1 pushes down. It means the same after the next training. Where a version has no calibrated scores, a factor of 2.72 is one standard deviation of the scores of the user.',
        examples: [2],
      }),
    ),
    amount: Type.Optional(
      Type.Number({
        minimum: -1e6,
        maximum: 1e6,
        deprecated: true,
        description:
          'For boost, in place of factor: added to the score in the units that answers show, which mean something else after each training.',
      }),
    ),
    from: Type.Optional(AnyTime),
    until: Type.Optional(AnyTime),
  },
  {
    additionalProperties: false,
    description: 'A business rule over recommendations.',
  },
);
export type NewRule = Static<typeof NewRule>;

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const Rule = Type.Object(
  {
    id: Type.String(),
    action: NewRule.properties.action,
    items: Type.Array(Id),
    categories: Type.Array(Type.String()),
    model: Type.Union([ModelName, Type.Null()]),
    position: Type.Union([Type.Integer(), Type.Null()]),
    factor: Type.Union([Type.Number(), Type.Null()]),
    amount: Type.Union([Type.Number(), Type.Null()]),
    from: Time,
    until: Time,
    createdAt: Type.String({ format: 'date-time' }),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'In the answer to POST alone.' })),
  },
  { description: 'A rule as it is stored. It holds from `from` on, up to and without `until`.' },
);

/** Times are milliseconds or null. */
export interface StoredRule {
  id: string;
  action: 'pin' | 'hide' | 'boost';
  items: string[];
  categories: string[];
  model: string | null;
  position: number | null;
  /** A boost has either; rules of earlier releases have no factor. */
  factor?: number | null;
  amount: number | null;
  from: number | null;
  until: number | null;
  createdAt: number;
}

/** Says whether a rule holds for answers of a model, or for those without one, at a moment. @param time milliseconds */
export function ruleHolds(rule: StoredRule, model: string | undefined, time: number): boolean {
  if (rule.model !== null && rule.model !== model) return false;
  return (rule.from === null || time >= rule.from) && (rule.until === null || time < rule.until);
}
