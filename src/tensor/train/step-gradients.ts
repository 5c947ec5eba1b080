import { problem } from '../../core/errors.ts';
import type { Context, Scalar, Tensor, TrackedTable } from '../backend/context.ts';
import type { ParameterStore } from './optimizer.ts';
import { mergeLookups } from './row-gradients.ts';

export type NamedTensors = Record<string, Tensor>;

/** Loss of one step: `total` is differentiated, `parts` are reported by name and checked for NaN. */
export interface Loss {
  total: Scalar;
  parts: Record<string, Scalar>;
}

export interface Differentiated {
  parts: Record<string, number>;
  dense: Map<string, Tensor>;
  sparse: Map<string, { ids: Tensor; rows: Tensor }>;
}

export function track(
  context: Context,
  store: ParameterStore,
  views: NamedTensors,
  trainable: readonly string[],
): Map<string, TrackedTable> {
  const tables = new Map<string, TrackedTable>();
  for (const name of trainable) {
    const table: TrackedTable = { gather: (ids) => store.gather(name, ids), lookups: [] };
    context.tracked.set(views[name]!.id, table);
    tables.set(name, table);
  }
  return tables;
}

/** Forward and backward pass. The gradients leave the scope alive; everything else is released. */
export function differentiate(
  context: Context,
  views: NamedTensors,
  trainable: readonly string[],
  tables: ReadonlyMap<string, TrackedTable>,
  rowUpdates: 'touched' | 'all',
  loss: (parameters: NamedTensors) => Loss,
): Differentiated {
  const { tf } = context;
  const sources = trainable.map((name) => views[name]!);
  const lookups: Tensor[] = [];
  let named: Record<string, Scalar> = {};
  const forward = () => {
    const { total, parts } = loss(views);
    named = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, tf.keep(part.clone())]));
    // tfjs looks at the list after the forward pass, so leaves found on the way can still join it.
    for (const table of tables.values()) lookups.push(...table.lookups.map(({ rows }) => rows));
    sources.push(...lookups);
    return total;
  };
  try {
    const { value, grads } = gradients(tf, forward, sources);
    const parts = readParts(named, value);
    const dense = new Map<string, Tensor>();
    const sparse = new Map<string, { ids: Tensor; rows: Tensor }>();
    const rowGradients = new Map(lookups.map((rows, i) => [rows, grads[trainable.length + i]]));
    trainable.forEach((name, i) => {
      const found = tables.get(name)!.lookups.flatMap(({ ids, rows }) => {
        const gradient = rowGradients.get(rows);
        return gradient ? [{ ids, gradient }] : [];
      });
      const own = grads[i];
      if (found.length === 0) {
        if (own) dense.set(name, own);
        return;
      }
      const merged = mergeLookups(context, found, views[name]!.shape[0]!, rowUpdates, own);
      if (merged.dense) dense.set(name, merged.dense);
      else sparse.set(name, merged.sparse!);
    });
    return { parts, dense, sparse };
  } finally {
    tf.dispose(Object.values(named));
    tf.dispose(lookups);
  }
}

function gradients(
  tf: Context['tf'],
  forward: () => Scalar,
  sources: Tensor[],
): { value: Tensor; grads: (Tensor | undefined)[] } {
  const engine = tf.engine() as unknown as {
    gradients(
      f: () => Tensor,
      xs: Tensor[],
      dy: undefined,
      allowNone: boolean,
    ): { value: Tensor; grads: Tensor[] };
  };
  return engine.gradients(forward, sources, undefined, true);
}

function readParts(named: Record<string, Scalar>, total: Tensor): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(named)) parts[name] = tensor.dataSync()[0]!;
  parts.total = total.dataSync()[0]!;
  total.dispose();
  return parts;
}

export function clipFactor(
  { tf }: Context,
  gradients: readonly Tensor[],
  clipNorm: number | undefined,
): number {
  if (clipNorm === undefined || gradients.length === 0) return 1;
  const squares = tf.tidy(() => tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
  const norm = Math.sqrt(squares.dataSync()[0]!);
  squares.dispose();
  return norm > clipNorm ? clipNorm / norm : 1;
}

export function refuseNonFinite(
  parts: Record<string, number>,
  step: number,
  rate: number,
  clip?: number,
): void {
  for (const [part, value] of Object.entries(parts)) {
    if (Number.isFinite(value)) continue;
    const cause =
      step === 0
        ? 'the first step already fails: the input or the start weights hold extreme values'
        : `the learning rate ${rate.toPrecision(3)} is likely too high${clip ? '' : ', or gradient clipping (clipNorm) is needed'}`;
    throw problem('training-diverged', `loss part '${part}' is ${value} at step ${step + 1}; ${cause}`, {
      step: step + 1,
      part,
    });
  }
}
