import type { Split } from '../../dataset/split/split.ts';

/** A warning of a split that was not carried out as it was planned. */
export function splitWarnings({ instead }: Pick<Split, 'instead'>): string[] {
  if (!instead) return [];
  const { plan, why } = instead;
  return [
    `The split is ${plan.strategy} and not global-time, as ${why}: each user's newest pairs are the test, and others' training pairs may be later`,
  ];
}
