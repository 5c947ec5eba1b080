import { type Static, Type } from 'typebox';
import { ReportSummary } from '../domain/model.ts';
import { Weighting } from '../domain/weighting.ts';

export const FORMAT_VERSION = 1;

/**
 * manifest.json, written last: a folder without it is not an artifact. An artifact is immutable.
 *
 * weights.safetensors of a fold-in student (N items, d dimensions):
 *   E_in.q  I8 [N,d], E_in.scale  F32 [N]   item rows that are summed into the user's vector
 *   E_out.q I8 [N,d], E_out.scale F32 [N]   item rows that are scored against it
 *   b F32 [d], c F32 [N]                    user-side and item-side bias
 *   popularity F32 [N]                      weight of each item in training, for users without a usable history
 * items.json: item ids in row order. report.json: the fidelity report.
 */
export const Manifest = Type.Object(
  {
    formatVersion: Type.Literal(FORMAT_VERSION),
    kind: Type.Literal('fold-in'),
    model: Type.String(),
    jobId: Type.String(),
    createdAt: Type.String(),
    items: Type.Integer({ minimum: 1 }),
    dimensions: Type.Integer({ minimum: 1 }),
    quantization: Type.Literal('int8'),
    /** u = act(b + norm(w) * sum_i w_i E_in[i]); 'l2' divides by the length of w, 'sqrt' by the root of its sum. */
    normalization: Type.Enum(['l2', 'sqrt', 'none']),
    activation: Type.Enum(['identity', 'relu', 'tanh']),
    weighting: Weighting,
    backend: Type.Record(Type.String(), Type.Unknown()),
    files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
    summary: ReportSummary,
  },
  { additionalProperties: false },
);
export type Manifest = Static<typeof Manifest>;

/** Everything but what packing itself finds out. */
export type ManifestDraft = Omit<Manifest, 'formatVersion' | 'files' | 'createdAt'>;
