import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { fitEncoding } from '../../features/fit.ts';
import type { Described } from '../../features/values.ts';
import type { ExportPage } from '../../store/data/contract.ts';
import type { Store } from '../../store/store.ts';

/** The most items or users that are looked at while a client waits; beyond, the trainer tells what it finds. */
const MOST_LOOKED_AT = 20_000;
const PAGE = 1000;

/**
 * Looks at the fields that jobs read, as the trainer will: what is read in another way than it was sent is a warning. An import that
 * is still queued or running may bring more: the trainer decides then.
 *
 * @throws problem('invalid-job') for a field that no item or user has
 */
export async function lookAtFeatures(
  store: Pick<Store, 'jobs' | 'exports'>,
  specs: readonly CompleteDistillation[],
): Promise<string[]> {
  const warnings = new Set<string>();
  for (const { features, labels } of specs) {
    const asked = [
      { option: 'features.items', of: 'items', fields: features?.items },
      { option: 'features.users', of: 'users', fields: features?.users },
      { option: 'labels.features', of: labels?.of ?? 'items', fields: labels?.features },
    ] as const;
    for (const { option, of, fields } of asked) {
      if (fields === undefined || (await store.jobs.countUnfinished('import')) > 0) continue;
      const { entities, isWhole } = await firstOf(store, of);
      // A field of the others may be missing in these.
      if (!isWhole) continue;
      const noun = of === 'items' ? 'item' : 'user';
      fitEncoding(entities, {
        ...{ option, noun, fields, buckets: 1 << 20, least: 1 },
        warn: (warning) => warnings.add(warning),
      });
    }
  }
  return [...warnings];
}

async function firstOf(
  { exports }: Pick<Store, 'exports'>,
  of: 'items' | 'users',
): Promise<{ entities: Described[]; isWhole: boolean }> {
  const entities: Described[] = [];
  let after: number | undefined;
  while (entities.length < MOST_LOOKED_AT) {
    const page: ExportPage<Described> = await exports[of](after, PAGE);
    entities.push(...page.rows);
    if (page.next === null) return { entities, isWhole: true };
    after = page.next;
  }
  return { entities, isWhole: false };
}
