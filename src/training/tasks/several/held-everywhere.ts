import { type Csr, commonRows, exceptRows, unionRows } from '../../../dataset/matrix.ts';
import type { SplitPlan } from '../../../dataset/split/split.ts';
import { type SplitTask, taskHistories } from '../../../dataset/task-histories.ts';

/** Pairs of each task that no behaviour shows while validation chooses, in the order of the tasks; undefined where all stay. */
export type HeldEverywhere = readonly (Csr | undefined)[];

/**
 * Finds the tasks whose test pairs the data took out of all behaviours: in a split by types they come in a part of their own, often
 * without the looks that led to them. Their validation pairs have to be taken out of all behaviours too while something is chosen:
 * else what was looked at wins there, and is never asked for in the test (on retail-rocket half of the validation purchases had
 * been looked at, and none of the test's). That no test pair occurs among the histories is all that is read of the test part.
 */
export function heldEverywhere(
  plans: readonly SplitPlan[],
  split: readonly SplitTask[],
  context: Csr | null,
): HeldEverywhere {
  return split.map(({ split: own }, task) => {
    if (plans[task]!.strategy !== 'types' || own.test.indices.length === 0) return undefined;
    const others = split.flatMap(({ pairs }, i) => (i === task ? [] : [pairs.matrix]));
    const met = others.reduce(unionRows, context ?? others[0]!);
    const isMet = (pairs: Csr) => commonRows(pairs, met).indices.length > 0;
    return !isMet(own.test) && isMet(own.validation) ? own.validation : undefined;
  });
}

/** Pairs without those of other tasks that are held out of all behaviours. */
export function withoutHeld(pairs: Csr, held: HeldEverywhere, ofTask?: number): Csr {
  return held.reduce<Csr>(
    (rest, taken, task) => (taken && task !== ofTask ? exceptRows(rest, taken) : rest),
    pairs,
  );
}

/** [users, items] histories of all behaviours from which one task's validation pairs are predicted. */
export function validationHistories(
  {
    split,
    dataset,
    held,
  }: {
    split: readonly SplitTask[];
    dataset: { context: Parameters<typeof taskHistories>[1] };
    held: HeldEverywhere;
  },
  task: number,
): Csr {
  const shown = taskHistories(split, dataset.context, { name: split[task]!.name, part: 'validation' });
  const taken = held[task];
  return taken ? exceptRows(shown, taken) : shown;
}
