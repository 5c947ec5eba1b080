import { type Static, Type } from 'typebox';
import { DistillationSpec } from '../jobs/distillation-spec.ts';

const share = (description: string, example: number) =>
  Type.Number({ minimum: 0, maximum: 1, description, examples: [example] });

/** Limits of a check; what has none is measured and judges nothing. */
export const DriftLimits = Type.Object(
  {
    ndcg: Type.Optional(share('Least NDCG@10 of the live version on what came since its training.', 0.05)),
    ndcgRetained: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: "Least share of its stored teacher's NDCG@10.",
        examples: [0.9],
      }),
    ),
    overlap: Type.Optional(share("Least share of the teacher's first ten that it shows too.", 0.5)),
    popularityShare: Type.Optional(
      share('Greatest share of recent users of whose items it knows none, so that popularity answers.', 0.2),
    ),
    unknownItems: Type.Optional(
      share('Greatest share of new pairs of user and item whose item it was not trained on.', 0.3),
    ),
  },
  { additionalProperties: false },
);
export type DriftLimits = Static<typeof DriftLimits>;
export type DriftMeasure = keyof DriftLimits;

/** Measures of which less is worse; of the others more is. */
const LESS_IS_WORSE: readonly DriftMeasure[] = ['ndcg', 'ndcgRetained', 'overlap'];
export const DRIFT_MEASURES: readonly DriftMeasure[] = [...LESS_IS_WORSE, 'popularityShare', 'unknownItems'];

/** Recent users that are looked at, unless settings say otherwise. */
export const DEFAULT_SAMPLE = 1000;
/** Hours between two distillations for drift, unless settings say otherwise. */
export const DEFAULT_PAUSE_HOURS = 24;

/** How a model is watched. */
export const DriftSettings = Type.Object(
  {
    cron: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'When it is checked. Five fields: minute, hour, day of the month, month, day of the week.',
      examples: ['0 5 * * *'],
    }),
    timeZone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'IANA name of the clock that cron means; UTC if not given.',
      }),
    ),
    sample: Type.Optional(
      Type.Integer({
        minimum: 50,
        maximum: 20_000,
        default: DEFAULT_SAMPLE,
        description: 'How many recent users are looked at.',
      }),
    ),
    limits: Type.Optional(DriftLimits),
    retrain: Type.Optional(
      Type.Boolean({
        description:
          'True: a limit that is broken starts a job, whose version goes through the gate. There is one at a time. It is true if `job` is given, and false otherwise.',
      }),
    ),
    job: Type.Optional(DistillationSpec),
    pauseHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 8760,
        default: DEFAULT_PAUSE_HOURS,
        description: 'Least time between two such jobs, in hours.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type DriftSettings = Static<typeof DriftSettings>;

/** A figure that is beyond its limit. */
export const BrokenLimit = Type.Object({
  measure: Type.String({ examples: ['ndcgRetained'] }),
  value: Type.Number(),
  limit: Type.Number(),
  text: Type.String({ description: 'The same as a sentence.' }),
});
export type BrokenLimit = Static<typeof BrokenLimit>;

/** Figures against their limits; one that was not measured breaks nothing. */
export function brokenLimits(
  measured: Readonly<Partial<Record<DriftMeasure, number | null>>>,
  limits: DriftLimits,
): BrokenLimit[] {
  return DRIFT_MEASURES.flatMap((measure) => {
    const [value, limit] = [measured[measure], limits[measure]];
    if (value === null || value === undefined || limit === undefined) return [];
    const isLess = LESS_IS_WORSE.includes(measure);
    if (isLess ? value >= limit : value <= limit) return [];
    const text = `${measure} is ${value.toPrecision(3)}, ${isLess ? 'below' : 'above'} its limit of ${limit}.`;
    return [{ measure, value, limit, text }];
  });
}
