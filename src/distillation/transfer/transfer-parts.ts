import { problem } from '../../core/errors.ts';
import { type FoldInStart, randomStart } from '../../student/start.ts';
import type { FoldInParts } from '../../teacher/contract.ts';
import type { TransferSetup } from './transfer-setup.ts';
import { copyTransfer } from './transfer-units.ts';

export type PartsTransfer = 'all' | 'items' | 'layers';

/**
 * The student takes over parameters of one that was published, as they are: those of its items, those that belong to no item, or
 * all. Where the catalogue has changed, the rows are those of the remapped teacher: items that it knows by their ids, and for
 * a new one the mean of those that stand for it. What is not taken over starts from random numbers.
 */
export function partsTransfer(transfer: PartsTransfer, setup: TransferSetup): FoldInStart {
  const { teacher, student, sample, rng } = setup;
  const parts = teacher.foldIn?.();
  if (!parts) {
    // Of a large teacher, its item matrices are what there is.
    if (transfer === 'items') return copyTransfer(setup);
    throw refusal(
      transfer,
      `takes over the parameters of a published student, and the teacher is ${teacher.kind}; name one with "part":"student", or use svd or items`,
    );
  }
  refuseOtherShape(transfer, parts, setup);
  const start = randomStart(sample.columns, student, rng);
  const { itemsIn, itemsOut, itemBias, userBias, inner, innerBias, solver } = parts;
  return {
    ...start,
    ...(transfer !== 'layers' && { itemsIn, itemsOut, itemBias, ...(solver && { solver }) }),
    ...(transfer !== 'items' && { userBias, ...(inner && { inner, innerBias }) }),
  };
}

function refuseOtherShape(transfer: PartsTransfer, parts: FoldInParts, { student }: TransferSetup): void {
  const own = {
    dimensions: student.dimensions,
    hidden: student.hidden,
    tied: student.tied,
    ...(transfer !== 'items' && { activation: student.activation }),
    normalization: student.normalization,
    user: student.user ?? 'summed',
  };
  const theirs: Record<keyof typeof own, unknown> = {
    dimensions: parts.dimensions,
    hidden: parts.inner ? parts.userBias.length : null,
    tied: parts.tied,
    activation: parts.activation,
    normalization: parts.normalization,
    user: parts.solver ? 'solved' : 'summed',
  };
  for (const name of Object.keys(own) as (keyof typeof own)[]) {
    if (own[name] === theirs[name]) continue;
    throw refusal(
      transfer,
      `needs a student of the shape that is taken over: student.${name} is ${own[name]}, the published one has ${theirs[name]}; leave student.${name} out, or use svd`,
    );
  }
  if (transfer === 'layers' && !parts.inner) {
    throw refusal(
      transfer,
      'finds no layer between the history and the user vector of the published student; use all, items or svd',
    );
  }
}

function refusal(transfer: PartsTransfer, why: string) {
  return problem('invalid-job', `distillation.transfer ${transfer} ${why}`);
}
