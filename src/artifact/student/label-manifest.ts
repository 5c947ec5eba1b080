import { type Static, Type } from 'typebox';
import { ReportSummary } from '../../domain/answers/model.ts';
import { Weighting } from '../../domain/data/weighting.ts';

export const LABELS_KIND = 'labels';
/** The format of these artifacts, which is their own. */
export const LABELS_FORMAT = 3;

/** The kind of an artifact, as its manifest says it; undefined for what is no manifest. */
export function kindOf(manifest: unknown): unknown {
  return (manifest as { kind?: unknown } | null)?.kind;
}

/**
 * manifest.json of a student that predicts labels (N items, F columns of features, L labels, d dimensions).
 *
 * weights.safetensors: v = relu(b + x E_in), logits = v E_out' + c
 *   E_in.q I8 [N+F,d], E_in.scale F32 [N+F]   items, then what is said of the entity (features.json)
 *   b F32 [d]
 *   E_out.q I8 [L,d], E_out.scale F32 [L], c F32 [L]
 *   known.q I8 [N,d], known.scale F32 [N]     of items: what each one's behaviour came to, its part of x E_in
 *   takers F32 [N]                            users of each item in training: an item weighs one by the root of one more
 *   threshold F32 [L], share F32 [L]          probability from which on a label is predicted; how many have it
 * items.json, labels.json: ids and labels in row order. features.json: how features become columns, or null. report.json.
 */
export const LabelManifest = Type.Object(
  {
    formatVersion: Type.Literal(LABELS_FORMAT),
    kind: Type.Literal(LABELS_KIND),
    model: Type.String(),
    jobId: Type.String(),
    createdAt: Type.String(),
    of: Type.Enum(['items', 'users']),
    from: Type.String(),
    items: Type.Integer({ minimum: 1 }),
    features: Type.Integer({ minimum: 0 }),
    labels: Type.Integer({ minimum: 1 }),
    dimensions: Type.Integer({ minimum: 1 }),
    /** p = sigmoid(scale * logit + shift) */
    calibration: Type.Object(
      { scale: Type.Number({ exclusiveMinimum: 0 }), shift: Type.Number() },
      { additionalProperties: false },
    ),
    weighting: Weighting,
    backend: Type.Record(Type.String(), Type.Unknown()),
    files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
    summary: ReportSummary,
  },
  { additionalProperties: false },
);
export type LabelManifest = Static<typeof LabelManifest>;

/** Everything but what packing itself finds out. */
export type LabelManifestDraft = Pick<LabelManifest, 'model' | 'jobId' | 'weighting' | 'backend' | 'summary'>;
