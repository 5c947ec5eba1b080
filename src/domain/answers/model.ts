import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { type GateVerdict, Promotion } from '../releases/promotion.ts';

/** Part of a report that the list of models shows. */
export const ReportSummary = Type.Object({
  metrics: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number()), {
    examples: [{ teacher: { 'ndcg@10': 0.31 }, student: { 'ndcg@10': 0.3 } }],
  }),
  compressionRatio: Type.Number(),
});
export type ReportSummary = Static<typeof ReportSummary>;

export const VersionTag = Type.String({
  // Letters of any script, written so that other languages' expressions mean the same.
  pattern: '^[^\\x00-/:-@\\[-\\x60{-\\x9f\\s][^\\x00-,/;-@\\[-\\^\\x60{-\\x9f\\s]{0,63}$',
  'x-must-be':
    'text of 1-64 letters of any script, digits, dots, underscores, colons and hyphens that begins with a letter or a digit',
  description:
    'Letters of any script, digits, dot, underscore, colon and hyphen; 1-64 characters, the first a letter or a digit.',
  examples: ['audited'],
});

/** A version by its name alone. */
export const VersionName = Type.Object({ model: ModelName, version: Type.Integer({ minimum: 1 }) });
export type VersionName = Static<typeof VersionName>;

export const ModelVersion = Type.Object(
  {
    model: ModelName,
    version: Type.Integer({ minimum: 1, examples: [4] }),
    jobId: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    artifact: Type.String({ description: 'Key of the artifact in the artifact store.' }),
    bytes: Type.Integer({ description: 'Of the student.' }),
    items: Type.Integer(),
    dimensions: Type.Integer(),
    summary: ReportSummary,
    aliases: Type.Array(Type.String(), { examples: [['stable']] }),
    promotion: Type.Optional(Promotion),
    tags: Type.Optional(Type.Array(VersionTag, { description: 'A version with tags is kept.' })),
    note: Type.Optional(Type.String()),
    taughtBy: Type.Optional(Type.Array(VersionName, { description: 'Versions of models that taught it.' })),
    serving: Type.Object({
      state: Type.Enum(['live', 'idle', 'refused'], {
        description: 'live: answers /recommend in this process. refused: its artifact could not be used.',
      }),
      reason: Type.Optional(Type.String()),
      standsInFor: Type.Optional(
        Type.Integer({ description: 'The version that should be live, and that could not be used.' }),
      ),
    }),
  },
  { description: 'One immutable version of a model.' },
);
export type ModelVersion = Static<typeof ModelVersion>;

/** A version as the registry keeps it. */
export type RegisteredVersion = Omit<ModelVersion, 'serving'>;

/** Version that a finished job hands to the registry. */
export interface NewVersion {
  model: string;
  jobId: string;
  artifact: string;
  bytes: number;
  items: number;
  dimensions: number;
  summary: ReportSummary;
  /** The judgement of its gate; without it the alias moves without a question. */
  gate?: GateVerdict;
  /** Versions that taught it. */
  taughtBy?: VersionName[];
}

export const Model = Type.Object({
  name: ModelName,
  aliases: Type.Record(Type.String(), Type.Integer(), { examples: [{ stable: 4 }] }),
  versions: Type.Array(ModelVersion, { description: 'Newest first.' }),
});
export type Model = Static<typeof Model>;
