import type { ServedReport } from '../../domain/reports/served-report.ts';
import { overlap, rankBiasedOverlap } from '../../evaluation/agreement.ts';
import type { ProbeLists } from './probe-lists.ts';

/** Below this overlap the refitted student is another one than the report measured. */
const LITTLE = 0.3;
/** Scores that have grown by more than this are not a matter of some more data. */
const EXPLODED = 1000;

type Probes = NonNullable<ServedReport['probes']>;

/** Compares the answers of the tested student with those of the refitted one, mean over the histories that both answered. */
export function compareServed(tested: ProbeLists, refitted: ProbeLists): Probes {
  const pairs = tested.lists.flatMap((list, i) => {
    const other = refitted.lists[i]!;
    return list.length > 0 && other.length > 0 ? [{ list, other }] : [];
  });
  const mean = (of: (a: Int32Array, b: Int32Array) => number) =>
    pairs.reduce((sum, { list, other }) => sum + of(list, other), 0) / Math.max(1, pairs.length);
  return {
    histories: pairs.length,
    k: tested.k,
    overlap: mean(overlap),
    rbo: mean((a, b) => rankBiasedOverlap(a, b)),
    sameFirst: mean((a, b) => Number(a[0] === b[0])),
  };
}

/** Says why a refitted student cannot be served, or nothing. */
export function absurdity(tested: ProbeLists, refitted: ProbeLists): string | undefined {
  if (!Number.isFinite(refitted.greatest)) return 'some of its scores are no finite numbers';
  if (refitted.greatest <= EXPLODED * Math.max(1, tested.greatest)) return undefined;
  const [before, after] = [tested, refitted].map(({ greatest }) => greatest.toPrecision(3));
  return `its scores grew from at most ${before} to ${after}`;
}

/** A warning of answers that agree less than more data explains. */
export function agreementWarnings({ histories, overlap: share, k }: Probes): string[] {
  if (histories === 0 || share >= LITTLE) return [];
  return [
    `After the refit the student's answers have ${(100 * share).toFixed(0)} % of their ${k} places in common with those of the student that was tested: the figures of this report say little of what is served; evaluation.refit false serves the tested weights`,
  ];
}
