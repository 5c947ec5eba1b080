import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { problem } from '../../core/errors.ts';
import { type Csr, multiplyRows, transpose } from '../../dataset/matrix.ts';
import type { NamedValues } from '../../tensor/train/named-values.ts';
import type { TeacherState } from '../contract.ts';
import { csrFromTensors, csrTensors } from '../stored/csr-state.ts';
import { type ItemMap, mapRows } from '../stored/map-items.ts';
import { ownVectors, type SvdFactors } from './svd-plus-plus.ts';
import { SvdSettings } from './svd-settings.ts';

/** A trained model: its factors and what they were learned from. */
export interface SvdModel {
  settings: SvdSettings;
  factors: SvdFactors;
  /** [users, items] */
  trained: Csr;
}

/** The mean rating stands beside the settings, as a float64 that tensors cannot hold. */
const validator = Compile(
  Type.Object({ ...SvdSettings.properties, mean: Type.Number() }, { additionalProperties: false }),
);

/** The model as plain values, with the ratings by which its users are known again. */
export function svdState({ settings, factors, trained }: SvdModel): TeacherState {
  const { dimensions, mean, userBias, itemBias, users, items, implicit } = factors;
  const vector = (values: Float32Array) => ({ shape: [values.length], values });
  const matrix = (values: Float32Array) => ({ shape: [values.length / dimensions, dimensions], values });
  return {
    kind: settings.kind,
    settings: { ...settings, mean },
    epochs: settings.epochs,
    tensors: {
      userBias: vector(userBias),
      itemBias: vector(itemBias),
      users: matrix(users),
      items: matrix(items),
      ...(settings.implicit && { implicit: matrix(implicit) }),
      ...csrTensors(trained),
    },
  };
}

/** Weights by the names that training has for them, to start from. @param items of the model */
export function svdWeights(state: TeacherState, items: number): NamedValues {
  const { factors, trained } = svdModel(state, items);
  const { dimensions, userBias, itemBias, items: vectors, implicit } = factors;
  const table = (values: Float32Array, width = dimensions) => ({
    shape: [values.length / width, width],
    values,
  });
  return {
    userBias: table(userBias, 1),
    own: table(ownVectors(trained, factors)),
    itemBias: table(itemBias, 1),
    items: table(vectors),
    ...(implicit.length > 0 && { implicit: table(implicit) }),
  };
}

/** @throws problem('invalid-artifact') where the state is not that of a model of ratings over so many items */
export function svdModel({ settings: stored, tensors }: TeacherState, items: number): SvdModel {
  if (!validator.Check(stored)) {
    const reasons = validator.Errors(stored).map((e) => `settings${e.instancePath} ${e.message}`);
    throw invalid(reasons.join('; '));
  }
  const { mean, ...settings } = stored;
  const d = settings.dimensions;
  const read = (name: string, length?: number) => {
    const values = tensors[name]?.values;
    if (values && (length === undefined || values.length === length)) return values;
    throw invalid(`the tensor ${name} has ${values?.length ?? 'no'} numbers instead of ${length ?? 'some'}`);
  };
  for (const name of ['trainColumns', 'trainLengths', 'trainIndices', 'trainValues']) read(name);
  const trained = csrFromTensors(tensors);
  const { rows, columns } = trained;
  if (columns !== items) throw invalid(`it knows ${columns} items instead of ${items}`);
  return {
    settings,
    factors: {
      dimensions: d,
      mean,
      userBias: read('userBias', rows),
      itemBias: read('itemBias', columns),
      users: read('users', rows * d),
      items: read('items', columns * d),
      implicit: settings.implicit ? read('implicit', columns * d) : new Float32Array(0),
    },
    trained,
  };
}

/**
 * The model for another catalogue: an item that it does not know gets the mean of the rows that stand for it, and what its
 * users rated is put in terms of the new items.
 * @param oldRows [new items] the item's row in the model, -1 for one that it does not know
 */
export function remapSvd(
  { settings, factors, trained }: SvdModel,
  map: ItemMap,
  oldRows: Int32Array,
): SvdModel {
  const { dimensions: d, itemBias, items, implicit } = factors;
  return {
    settings,
    factors: {
      ...factors,
      itemBias: mapRows(map, itemBias, 1),
      items: mapRows(map, items, d),
      implicit: settings.implicit ? mapRows(map, implicit, d) : implicit,
    },
    trained: multiplyRows(trained, newRows(oldRows, trained.columns)),
  };
}

/** [old, new] a 1 where both catalogues have the item. */
function newRows(oldRows: Int32Array, columns: number): Csr {
  const indptr = new Int32Array(oldRows.length + 1);
  for (const [item, old] of oldRows.entries()) indptr[item + 1] = indptr[item]! + Number(old >= 0);
  const indices = oldRows.filter((old) => old >= 0);
  const values = new Float32Array(indices.length).fill(1);
  return transpose({ rows: oldRows.length, columns, indptr, indices, values });
}

function invalid(reason: string) {
  return problem('invalid-artifact', `the stored teacher of ratings cannot be used: ${reason}`);
}
