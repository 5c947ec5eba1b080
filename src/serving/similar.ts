import type { QuantizedRows } from '../artifact/student-weights.ts';
import { problem } from '../core/errors.ts';
import { runInSlices } from '../core/slices.ts';
import type { ItemField, SimilarAnswer } from '../domain/recommendation.ts';
import { createItemFilters } from './item-filter.ts';
import { openKernel, type ScanKernel } from './kernel.ts';
import { DEFAULT_TASK, type LiveModel } from './live-model.ts';
import { packMatrix } from './scan/packed-matrix.ts';
import type { ServingDeps } from './serving-deps.ts';
import { showItems } from './show-items.ts';

export interface SimilarOptions {
  k: number;
  model?: string | undefined;
  version?: string | undefined;
  exclude?: readonly string[] | undefined;
  category?: readonly string[] | undefined;
  filter?: string | undefined;
  fields?: readonly ItemField[] | undefined;
}

export type FindSimilar = (itemId: string, options: SimilarOptions) => Promise<SimilarAnswer>;

/** Neighbours of an item by the cosine of the vectors that recommendations are scored with. */
export function createFindSimilar({
  liveModels,
  catalogue: currentCatalogue,
  rules,
}: ServingDeps): FindSimilar {
  const kernels = new WeakMap<LiveModel, Promise<ScanKernel>>();
  const filterOf = createItemFilters();

  /** Packed at the first question: most models are never asked. */
  function kernelOf(model: LiveModel): Promise<ScanKernel> {
    const known = kernels.get(model);
    if (known) return known;
    const { itemsOut } = model.weights;
    const unit = { ...itemsOut, scale: unitScales(itemsOut) };
    const packed = runInSlices(packMatrix(unit, new Float32Array(itemsOut.rows), { typicalNorm: 1 }));
    const made = packed.then((matrix) => openKernel(matrix));
    kernels.set(model, made);
    return made;
  }

  return async (itemId, { k, model: name, version, exclude = [], category, filter: text, fields }) => {
    const filter = filterOf(category, text);
    const model = await liveModels.acquire(name, version);
    if (!model) throw problem('not-found', 'There is no usable model yet; similar items come from one.');
    const row = model.rowOf.get(itemId);
    if (row === undefined) {
      throw problem(
        'not-found',
        `Model ${model.name} version ${model.version} does not know the item ${JSON.stringify(itemId)}.`,
      );
    }
    const catalogue = await currentCatalogue.get();
    const active = await rules.get(model, catalogue);
    const mask = filter ? await catalogue.mask(model, filter) : undefined;
    const kernel = await kernelOf(model);
    kernel.exclude([row, ...exclude.map((id) => model.rowOf.get(id) ?? -1)]);
    kernel.exclude(catalogue.blockedRows(model));
    if (active) kernel.exclude(active.hiddenRows);
    const best = kernel.topK(unitVector(model.weights.itemsOut, row), k, mask);
    const items = Array.from({ length: best.length }, (_, i) => ({
      itemId: model.items[best.rows[i]!]!,
      score: best.scores[i]!,
    }));
    return {
      itemId,
      items: await showItems(catalogue, items, fields, false),
      model: { name: model.name, version: model.version, task: DEFAULT_TASK },
    };
  };
}

/** One over each row's length; 0 for a row of zeros, which is like nothing. */
function unitScales({ rows, width, q }: QuantizedRows): Float32Array {
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let squared = 0;
    for (let k = 0; k < width; k++) squared += q[row * width + k]! ** 2;
    scales[row] = squared > 0 ? 1 / Math.sqrt(squared) : 0;
  }
  return scales;
}

function unitVector({ width, q }: QuantizedRows, row: number): Float32Array {
  const codes = q.subarray(row * width, (row + 1) * width);
  const length = Math.hypot(...codes) || 1;
  return Float32Array.from(codes, (code) => code / length);
}
