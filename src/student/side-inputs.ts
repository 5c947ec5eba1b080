import { quantizeRows } from '../artifact/student/quantize.ts';
import type { FeatureWeights, ItemFeatureWeights } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { hideWholly } from '../dataset/batches.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { SideInputs } from '../dataset/side-inputs.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import { createItemFeatures } from '../tensor/item-features.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';
import type { NamedInitial } from './network.ts';
import type { StudentSettings } from './settings.ts';
import type { FoldInStart } from './start.ts';

/** Side inputs of one batch: the users' bags, and which items' own rows count. */
export interface SideBatch {
  users?: SparseBatch;
  keep?: Tensor;
  dispose(): void;
}

type ItemMatrix = 'itemsIn' | 'itemsOut' | 'itemBias';
type Read = (name: string) => Float32Array;
type Shape = Pick<StudentSettings, 'dimensions' | 'hidden' | 'tied' | 'itemBias'>;

const USERS = 'features.users';

export type StudentSide = ReturnType<typeof createStudentSide>;

/** Side inputs of a fold-in student in training: E_in, E_out and c with features, v = act(... + side U). */
export function createStudentSide(engine: Engine, shape: Shape, { items: ofItems, users }: SideInputs) {
  const { tf } = engine;
  const h = shape.hidden ?? shape.dimensions;
  const widths = {
    ...(!shape.tied && { itemsIn: h }),
    itemsOut: shape.dimensions,
    ...(shape.itemBias && { itemBias: 1 }),
  };
  const items = ofItems && createItemFeatures(engine, ofItems, widths);
  const columns = users?.encoding.known.length ?? 0;

  function itemWeights(read: Read): ItemFeatureWeights | undefined {
    if (!ofItems || !items) return undefined;
    const rows = ofItems.bags.columns;
    const stored = (name: ItemMatrix, width: number) =>
      quantizeRows(items.table(read, name), rows, width, 'int8');
    const itemsOut = stored('itemsOut', shape.dimensions);
    return {
      encoding: ofItems.encoding,
      itemsOut,
      itemsIn: shape.tied ? itemsOut : stored('itemsIn', h),
      itemBias: shape.itemBias ? items.table(read, 'itemBias') : new Float32Array(rows),
    };
  }

  return {
    /** Nothing at first, but for what the start of the items says of their features. */
    initial: (start: FoldInStart): NamedInitial => ({
      ...items?.initial(start.itemFeatures),
      ...(users && {
        [USERS]: { shape: [columns, h], values: start.userFeatures ?? new Float32Array(columns * h) },
      }),
    }),

    /** @param draws of a step of training; without it nothing is hidden */
    hideHistories: (histories: Csr, draws: Rng | undefined): Csr =>
      users && draws ? hideWholly(histories, users.hide, draws) : histories,

    batch({ side }: Csr, draws: Rng | undefined): SideBatch {
      const own = users && side && engine.sparseRows(side);
      const keep = draws && items?.draw(draws);
      return {
        ...(own && { users: own }),
        ...(keep && { keep }),
        dispose() {
          own?.dispose();
          keep?.dispose();
        },
      };
    },

    /** A matrix of the items with what their features add; as it is without them. */
    rows: (p: NamedTensors, name: ItemMatrix, { keep }: SideBatch): Tensor =>
      items ? items.rows(p, name, keep) : p[name]!,

    /** @param sum [B, h] of the history */
    users: (p: NamedTensors, sum: Tensor, { users: bags }: SideBatch): Tensor =>
      bags ? tf.add(sum, engine.sparseMatMul(bags, p[USERS]!)) : sum,

    /** A matrix of the items as it is served, with what features add. */
    composed: (read: Read, name: ItemMatrix): Float32Array =>
      items ? items.composed(read, name) : read(name),

    weights(read: Read): FeatureWeights | undefined {
      const ofItems = itemWeights(read);
      if (!ofItems && !users) return undefined;
      const usersIn = users && quantizeRows(read(USERS), columns, h, 'int8');
      return {
        ...(ofItems && { items: ofItems }),
        ...(users && usersIn && { users: { encoding: users.encoding, usersIn } }),
      };
    },

    dispose: () => items?.dispose(),
  };
}
