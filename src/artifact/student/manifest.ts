import { type Static, Type } from 'typebox';
import { ReportSummary } from '../../domain/answers/model.ts';
import { Weighting } from '../../domain/data/weighting.ts';
import { EncodingShape } from '../../features/encoding.ts';

export const FORMAT_VERSION = 4;

/** The name of the task of a student that has only one. */
export const DEFAULT_TASK = 'default';

const common = {
  kind: Type.Enum(['fold-in', 'sequential']),
  model: Type.String(),
  jobId: Type.String(),
  createdAt: Type.String(),
  items: Type.Integer({ minimum: 1 }),
  dimensions: Type.Integer({ minimum: 1 }),
  /** v = act(b + norm(w) * sum_i w_i E_in[i]); 'l2' divides by the length of w, 'sqrt' by the root of its sum. */
  normalization: Type.Enum(['l2', 'sqrt', 'none']),
  activation: Type.Enum(['identity', 'relu', 'tanh']),
  weighting: Weighting,
  backend: Type.Record(Type.String(), Type.Unknown()),
  files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
  summary: ReportSummary,
};
const strict = { additionalProperties: false } as const;

/** Format 1 knew int8 with two item matrices, an item bias and no hidden layer. */
export const ManifestV1 = Type.Object(
  { formatVersion: Type.Literal(1), quantization: Type.Literal('int8'), ...common },
  strict,
);
export type ManifestV1 = Static<typeof ManifestV1>;

const second = {
  ...common,
  quantization: Type.Enum(['int8', 'int4', 'pq']),
  hidden: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  tied: Type.Boolean(),
  itemBias: Type.Boolean(),
};

/** Format 2 knew no sequences. */
export const ManifestV2 = Type.Object({ formatVersion: Type.Literal(2), ...second }, strict);
export type ManifestV2 = Static<typeof ManifestV2>;

const third = {
  ...second,
  /** The tasks of a student that has several. */
  tasks: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), types: Type.Array(Type.String()) }, strict), {
      minItems: 1,
    }),
  ),
  /** Scale of a student that predicts ratings: see RatingWeights. */
  rating: Type.Optional(
    Type.Object(
      {
        mean: Type.Number(),
        shrinkage: Type.Number({ exclusiveMinimum: 0 }),
        low: Type.Number(),
        high: Type.Number(),
        deviation: Type.Number({ minimum: 0 }),
      },
      { additionalProperties: false },
    ),
  ),
  /** Encodings of the features that a student reads. */
  features: Type.Optional(
    Type.Object(
      {
        items: Type.Optional(EncodingShape),
        users: Type.Optional(
          Type.Object(
            { ...EncodingShape.properties, onlyWithHistory: Type.Optional(Type.Literal(true)) },
            strict,
          ),
        ),
        newUsers: Type.Optional(EncodingShape),
      },
      strict,
    ),
  ),
  /** Newest distinct items of a history that are read; 500 in artifacts that do not say. */
  maxHistory: Type.Optional(Type.Integer({ minimum: 1 })),
  /** w_i is also multiplied by recency ^ (number of newer items in the history). */
  recency: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  /**
   * Factor on a task's scores that makes their softmax a probability, by the name of the task (DEFAULT_TASK for a
   * student with one). Fitted for the tested student; one that was refitted keeps it. Artifacts of older releases have none.
   */
  scoreScale: Type.Optional(Type.Record(Type.String(), Type.Number({ exclusiveMinimum: 0 }))),
  /** The newest `length` items are looked at in order; `kind` is then 'sequential'. */
  encoder: Type.Optional(
    Type.Object({ length: Type.Integer({ minimum: 1 }), heads: Type.Integer({ minimum: 1 }) }, strict),
  ),
};

/** Format 3 knew no user vectors that are solved. */
export const ManifestV3 = Type.Object({ formatVersion: Type.Literal(3), ...third }, strict);
export type ManifestV3 = Static<typeof ManifestV3>;

/**
 * manifest.json, written last: a folder without it is not an artifact. An artifact is immutable.
 *
 * weights.safetensors of a fold-in student (N items, d dimensions, h = hidden or d), E standing for E_in and E_out; a tied
 * student has E_out alone:
 *   int8: E.q I8 [N,w], E.scale F32 [N]
 *   int4: E.q U8 [N,ceil(w/2)] two numbers a byte, the first in the low half, E.scale F32 [N]
 *   pq:   E.codes U8 [N,parts], E.codebook I8 [parts,codes,codeWidth], E.scale F32 [N]
 *   b F32 [h]                         user-side bias
 *   G F32 [d]                         where the user's vector is solved: the diagonal, see Solver
 *   W F32 [h,d], b2 F32 [d]           with a hidden layer
 *   head.T.W F32 [d,d], head.T.b F32 [d]  per task T = 0, 1, ... of `tasks`
 *   c F32 [N]                         item-side bias, where there is one
 *   base F32 [N]                      of ratings: what is expected of an item; E_in is then [N,2d]
 *   encoder.* F32                     of a sequential student in place of b: see sequence-encoder.ts
 *   F_out.q I8 [C,d], F_out.scale F32 [C], F_in likewise [C,h] (not of a tied student), F_c F32 [C], F.known I32 [C]
 *                                     with item features: the rows and biases of what they say, and the bucket of each
 *   F_entry F32 [d], F_left I32 [L,2] where they were fitted: what E_out of a new item has beside that, and hashes of items that
 *                                     training left out
 *   U.q I8 [D,h], U.scale F32 [D], U.known I32 [D]  with user features
 *   N.q I8 [D,d], N.scale F32 [D], N.known I32 [D], N_start F32 [d]  with vectors of users without a history, see NewUserWeights
 *   popularity F32 [N]                weight of each item in training, for users without a usable history
 * items.json: item ids in row order. report.json: the fidelity report. probes.json: trial requests with the student's
 * answers; artifacts of older releases have none.
 */
export const Manifest = Type.Object(
  {
    formatVersion: Type.Literal(FORMAT_VERSION),
    ...third,
    /** Says that the user's vector is solved: see Solver. */
    solver: Type.Optional(
      Type.Object(
        { perPair: Type.Number({ minimum: 0 }), scale: Type.Number({ exclusiveMinimum: 0 }) },
        strict,
      ),
    ),
  },
  strict,
);
export type Manifest = Static<typeof Manifest>;

/** Everything but what packing itself finds out. */
export type ManifestDraft = Omit<Manifest, 'formatVersion' | 'files' | 'createdAt' | keyof StudentShape>;

/** The part of a manifest that the weights themselves decide. */
export type StudentShape = Pick<
  Manifest,
  | 'items'
  | 'dimensions'
  | 'hidden'
  | 'tied'
  | 'itemBias'
  | 'quantization'
  | 'normalization'
  | 'activation'
  | 'tasks'
  | 'rating'
  | 'features'
  | 'recency'
  | 'solver'
  | 'encoder'
>;

export function upgradeManifest(old: ManifestV1 | ManifestV2 | ManifestV3): Manifest {
  if (old.formatVersion !== 1) return { ...old, formatVersion: FORMAT_VERSION };
  return { ...old, formatVersion: FORMAT_VERSION, hidden: null, tied: false, itemBias: true };
}
