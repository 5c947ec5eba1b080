import { Type } from 'typebox';
import { type Csr, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import type { FoldInParts, ItemFactors, Teacher, TeacherState } from '../contract.ts';
import { KEPT, wrapTeacher } from '../wrap.ts';
import { csrFromTensors, csrTensors } from './csr-state.ts';
import { composeMaps, gatherRows, type ItemMap, mapHistories, mapRows } from './map-items.ts';
import { readSettings, SomeSettings } from './read-settings.ts';

const RemappedSettings = Type.Object({ inner: SomeSettings });

const INNER = 'inner.';
const MAP = 'map.';

/** A teacher at rest for another catalogue. One that was carried over before is taken from its first catalogue. */
export function remapState(state: TeacherState, map: ItemMap): TeacherState {
  if (state.kind === 'remapped') {
    const { inner, map: older } = partsOf(state);
    return remapState(inner, composeMaps(map, older));
  }
  const prefixed = (prefix: string, tensors: TeacherState['tensors']) =>
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]);
  return {
    kind: 'remapped',
    settings: { kind: 'remapped', inner: { ...state.settings, kind: state.kind } },
    epochs: state.epochs,
    tensors: Object.fromEntries([...prefixed(INNER, state.tensors), ...prefixed(MAP, csrTensors(map))]),
    ...(state.tried && { tried: state.tried }),
  };
}

function partsOf({ settings, epochs, tensors }: TeacherState): { inner: TeacherState; map: ItemMap } {
  const behind = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const { inner: own } = readSettings(RemappedSettings, settings);
  return {
    inner: { kind: own.kind, settings: own, epochs, tensors: behind(INNER) },
    map: csrFromTensors(behind(MAP)),
  };
}

/**
 * A teacher of one catalogue that answers for another: histories are put in terms of the items that it knows, and its answers
 * in terms of the new ones. So it works for every kind of teacher, and says of an item that is new to it what it says of those
 * that stand for it.
 */
export function restoreRemapped(
  engine: Engine,
  state: TeacherState,
  restore: (engine: Engine, state: TeacherState) => Teacher,
): Teacher {
  const { inner: at, map } = partsOf(state);
  const inner = restore(engine, at);
  const toNew = createAnswers(engine, map);
  const asOld = (histories: Csr) => mapHistories(map, histories);
  const { itemFactors, hidden, foldIn } = inner;
  return wrapTeacher(inner, {
    kind: KEPT,
    parameters: KEPT,
    bytes: KEPT,
    epochs: KEPT,
    reads: KEPT,
    tried: KEPT,
    dispose: KEPT,
    // These speak of the old items.
    listed: undefined,
    unknown: undefined,
    members: undefined,
    withItems: undefined,
    description: `${inner.description}, of an earlier catalogue`,
    settings: state.settings,
    scores(histories) {
      const scores = inner.scores(asOld(histories));
      const mapped = toNew(scores);
      scores.dispose();
      return mapped;
    },
    project(directions, width, sample) {
      const old = inner.project(gatherRows(map, directions, width), width, asOld(sample));
      return zeroUnknown(map, mapRows(map, old, width), width);
    },
    itemFactors: itemFactors && ((sample) => mapFactors(map, itemFactors(asOld(sample)))),
    hidden: hidden && ((histories) => hidden(asOld(histories))),
    foldIn: foldIn && (() => mapParts(map, foldIn())),
    state: () => state,
  });
}

function mapFactors(map: ItemMap, { input, output, width }: ItemFactors): ItemFactors {
  return {
    input: zeroUnknown(map, mapRows(map, input, width), width),
    output: mapRows(map, output, width),
    width,
  };
}

function mapParts(map: ItemMap, parts: FoldInParts): FoldInParts {
  const { itemsIn, itemsOut, itemBias, userBias, dimensions } = parts;
  return {
    ...parts,
    itemsIn: mapRows(map, itemsIn, userBias.length),
    itemsOut: mapRows(map, itemsOut, dimensions),
    itemBias: mapRows(map, itemBias, 1),
  };
}

/** Scores of the old items [rows, old] as those of the new ones, [rows, new]. */
function createAnswers(engine: Engine, map: ItemMap): (scores: Tensor) => Tensor {
  const { tf } = engine;
  const isMixed = (item: number) => rowLength(map, item) > 1;
  const mixed = Array.from({ length: map.rows }, (_, item) => item).filter(isMixed);
  const mixtures = selectRows(map, mixed);
  // Columns behind the old items: one for each mixture, and the mean.
  let next = map.columns;
  const columns = Int32Array.from({ length: map.rows }, (_, item) => {
    if (isMixed(item)) return next++;
    return rowLength(map, item) === 1 ? map.indices[map.indptr[item]!]! : map.columns + mixed.length;
  });
  return (scores) =>
    tf.tidy(() => {
      const parts = [scores];
      if (mixed.length > 0) {
        const x = engine.sparseRows(mixtures);
        parts.push(tf.transpose(engine.sparseMatMul(x, tf.transpose(scores))));
        x.dispose();
      }
      parts.push(tf.mean(scores, 1, true));
      return tf.gather(tf.concat(parts, 1), tf.tensor1d(columns, 'int32'), 1);
    });
}

/** A history's items that nothing stands for do not count. */
function zeroUnknown(map: ItemMap, rows: Float32Array, width: number): Float32Array {
  for (let item = 0; item < map.rows; item++) {
    if (rowLength(map, item) === 0) rows.fill(0, item * width, (item + 1) * width);
  }
  return rows;
}
