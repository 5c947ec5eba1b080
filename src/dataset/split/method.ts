import type { CompleteSplit, PlanOf, SplitKinds } from '../../domain/tasks/split-spec.ts';
import type { Pairs } from './split-parts.ts';

export interface SplitMethod<N extends keyof SplitKinds> {
  /**
   * [nnz] the part of each pair
   * @throws problem('not-enough-data') where the plan cannot be carried out on the data
   */
  parts(pairs: Pairs, plan: PlanOf<SplitKinds[N]>, seed: number): Uint8Array;
  /** The split that the plan asks for in its place where it cannot be carried out on the data; null where it can. */
  instead?(pairs: Pairs, plan: PlanOf<SplitKinds[N]>): { plan: CompleteSplit; why: string } | null;
  /** Says in words what the split holds out; the report quotes it. */
  inWords(plan: PlanOf<SplitKinds[N]>): string;
}

export const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
