import { type Static, Type } from 'typebox';
import { QUANTIZATIONS, type Quantization } from '../students/quantization.ts';

/** Students of one search at most: each is a job of its own. */
export const MOST_POINTS = 32;

const names = Object.keys(QUANTIZATIONS) as Quantization[];

export const SearchSpec = Type.Object(
  {
    bytes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 1e12 }), {
        minItems: 1,
        maxItems: MOST_POINTS,
        description:
          'A student for each bound: as wide as fits so many bytes of weights. The gate refuses one that turns out larger, as what features add to it is not known before.',
        examples: [[50_000, 100_000, 200_000]],
      }),
    ),
    dimensions: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 1024 }), {
        minItems: 1,
        maxItems: MOST_POINTS,
        description: 'A student for each width.',
        examples: [[8, 16, 32, 64]],
      }),
    ),
    quantization: Type.Optional(
      Type.Array(Type.Enum(names), {
        minItems: 1,
        maxItems: names.length,
        description:
          'Each of the students above with each of these; left out, with the quantization of `student`.',
      }),
    ),
    latency: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e9,
        description:
          'Microseconds that one recommendation may take in the median, measured in the trainer with the arithmetic of serving. A slower student stays a candidate.',
        examples: [200],
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'In place of students: one teacher and a student for each point of a grid, at most 32. GET /jobs/{id}/search has the front of quality against bytes against time. Of those that pass the gate the knee takes the alias, unless publish.choose says otherwise; every point is a version that can be published later.',
  },
);
export type SearchSpec = Static<typeof SearchSpec>;
