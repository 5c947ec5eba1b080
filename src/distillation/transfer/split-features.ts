import type { Csr } from '../../dataset/matrix.ts';
import type { SideInputs } from '../../dataset/side-inputs.ts';
import { composeRows } from '../../features/compose.ts';
import { foldInput } from '../../student/fold-input.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { FoldInStart } from '../../student/start.ts';
import { fitHistories } from '../../teacher/kinds/fit-histories.ts';

/** Ridge of rows of length 1: what two entities have in common says as much as one says by itself. */
const RIDGE = 1;
/** The history says most of it already. */
const USERS_SHARE = 0.5;

/**
 * A start of items as what their features say, by ridge regression, and what is left of each: together the same scores. For an
 * item without own rows the features begin as the best guess at them (Gantner et al., ICDM 2010), and so do those of users.
 */
export function splitFeatures(
  start: FoldInStart,
  { items, users }: SideInputs,
  sample: Csr,
  student: StudentSettings,
): FoldInStart {
  return {
    ...start,
    ...(items && splitItems(start, items.bags)),
    ...(users && sample.side && { userFeatures: fitUsers(start, sample, sample.side, student) }),
  };
}

function splitItems({ itemsIn, itemsOut, itemBias }: FoldInStart, bags: Csr): Partial<FoldInStart> {
  const split = (values: Float32Array) => {
    const width = values.length / bags.rows;
    const table = fitHistories(bags, values, width, RIDGE);
    const said = composeRows({ width, values: table }, bags);
    return { table, left: values.map((value, i) => value - said[i]!) };
  };
  const [ins, outs, bias] = [split(itemsIn), split(itemsOut), split(itemBias)];
  return {
    itemsIn: ins.left,
    itemsOut: outs.left,
    itemBias: bias.left,
    itemFeatures: { itemsIn: ins.table, itemsOut: outs.table, itemBias: bias.table },
  };
}

/** Fits a map from the features of a user to the sum of their history, [columns, h]. */
function fitUsers({ itemsIn, itemBias }: FoldInStart, sample: Csr, side: Csr, student: StudentSettings) {
  const width = itemsIn.length / itemBias.length;
  const histories = composeRows({ width, values: itemsIn }, foldInput(sample, student));
  return fitHistories(side, histories, width, RIDGE).map((value) => USERS_SHARE * value);
}
