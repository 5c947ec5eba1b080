import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import { runInSlices, type Sliced } from '../../core/slices.ts';
import { whenReady } from '../../core/when-ready.ts';
import type { ItemField } from '../../domain/answers/recommend-options.ts';
import type { SimilarAnswer } from '../../domain/answers/recommendation.ts';
import type { FindTop } from '../../scoring/find-top.ts';
import { openKernel } from '../../scoring/scan/kernel.ts';
import { type PackedMatrix, packMatrix } from '../../scoring/scan/packed-matrix.ts';
import type { LiveModel } from '../models/live-model.ts';
import { createItemFilters } from '../views/item-filter.ts';
import type { CurrentWords } from '../views/words.ts';
import { acquireFor } from './acquire-for.ts';
import { admit, type Conditions, present } from './gate.ts';
import { saidAs, whyNoModel } from './reason.ts';
import type { ServingDeps } from './serving-deps.ts';
import { type Similar, similarByWords } from './similar-by-words.ts';

export interface SimilarOptions {
  k: number;
  model?: string | undefined;
  version?: string | undefined;
  exclude?: readonly string[] | undefined;
  category?: readonly string[] | undefined;
  filter?: string | undefined;
  fields?: readonly ItemField[] | undefined;
  /** Who is shown the answer; decides about the variant alone. */
  visitor?: string | undefined;
}

export type FindSimilar = (itemId: string, options: SimilarOptions) => Promise<SimilarAnswer>;

/** Items by the vectors of a model, or by what the catalogue says where no model knows the item. */
export function createFindSimilar(deps: ServingDeps, words: CurrentWords): FindSimilar {
  const { catalogue: currentCatalogue, rules, work, check } = deps;
  const scansOf = new WeakMap<LiveModel, Promise<FindTop>>();
  const filterOf = createItemFilters();

  /** Packed at the first question: most models are never asked. */
  function scanOf(model: LiveModel): Promise<FindTop> {
    const known = scansOf.get(model);
    if (known) return known;
    const { alike } = model;
    const made = runInSlices(packDirections(alike, work.scratches(alike.rows))).then((packed) =>
      work.open(packed, openKernel(packed)),
    );
    scansOf.set(model, made);
    return made;
  }

  /** By the cosine of the vectors that recommendations are scored with. */
  async function byVectors(
    model: LiveModel,
    row: number,
    k: number,
    conditions: Conditions,
  ): Promise<Similar[]> {
    const { catalogue, filter, rules: active, exclude } = conditions;
    const mask = filter ? await catalogue.mask(model, filter) : undefined;
    const findTop = await scanOf(model);
    const leftOut: ArrayLike<number>[] = [
      Array.from(exclude, (id) => model.rowOf.get(id) ?? -1),
      catalogue.blockedRows(model),
      ...(active ? [active.hiddenRows] : []),
    ];
    const vector = unitVector(model.alike, row);
    const found = await whenReady(findTop({ vector, k, leftOut, mask }), (best) =>
      Array.from({ length: best.length }, (_, i) => ({
        itemId: model.items[best.rows[i]!]!,
        score: best.scores[i]!,
      })),
    );
    return admit(conditions, found);
  }

  return async (itemId, options) => {
    const { k, model: name, version, exclude = [], category, filter: text, fields, visitor = null } = options;
    const filter = filterOf(category, text);
    const { model, absence, variant } = await acquireFor(deps, { model: name, version }, visitor);
    const catalogue = await currentCatalogue.get();
    const conditions: Conditions = {
      catalogue,
      rules: await rules.get(model, catalogue),
      filter,
      exclude: new Set([itemId, ...exclude]),
      seen: new Set(),
    };
    const row = model?.rowOf.get(itemId);
    const items =
      model && row !== undefined
        ? await byVectors(model, row, k, conditions)
        : await similarByWords(words, model ?? absence, itemId, k, conditions);
    const warnings = await check.warnings(filter, catalogue.revision);
    const from = row === undefined ? 'the catalogue' : 'the model';
    const few = `only ${items.length} items of ${from} ${filter ? 'fit category and filter' : row === undefined ? 'have anything in common with it' : 'can be shown'}`;
    return {
      itemId,
      items: await present(conditions, items, fields, false),
      source: row === undefined ? 'catalogue' : 'student',
      ...(model
        ? items.length < k && saidAs({ code: 'few-fit' as const, text: few })
        : saidAs(whyNoModel(name, items.length < k ? `${absence}; ${few}` : absence))),
      ...(warnings.length > 0 && { warnings }),
      model: model && { name: model.name, version: model.version, task: model.tasks[0].name },
      ...(variant && { variant }),
    };
  };
}

function* packDirections(items: QuantizedRows, scratches: number): Sliced<PackedMatrix> {
  const unit = { ...items, scale: yield* unitScales(items) };
  return yield* packMatrix(unit, new Float32Array(items.rows), { typicalNorm: 1, scratches });
}

/** One over each row's length; 0 for a row of zeros, which is like nothing. */
function* unitScales({ rows, width, q }: QuantizedRows): Sliced<Float32Array> {
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let squared = 0;
    for (let k = 0; k < width; k++) squared += q[row * width + k]! ** 2;
    scales[row] = squared > 0 ? 1 / Math.sqrt(squared) : 0;
    if (row % 1024 === 1023) yield;
  }
  return scales;
}

function unitVector({ width, q }: QuantizedRows, row: number): Float32Array {
  const codes = q.subarray(row * width, (row + 1) * width);
  const length = Math.hypot(...codes) || 1;
  return Float32Array.from(codes, (code) => code / length);
}
