import type { Position } from '../../store/consumed/contract.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import type { Bounds } from './topic-reader.ts';

/** Where reading goes on, by partition. */
export interface StartPositions {
  topicId: string;
  positions: Map<number, number>;
}

/**
 * Looks up where reading goes on in these partitions; a partition that was never read gets its position written down first, so that
 * messages that come before it has stored any are not missed.
 * @throws Error where the stored positions are of another topic of this name
 */
export async function startPositions(
  deps: Pick<ConsumeDeps, 'reader' | 'store' | 'group' | 'topic' | 'from' | 'metrics' | 'logger'>,
  partitions: readonly number[],
): Promise<StartPositions> {
  const { reader, store, group, topic, from } = deps;
  const { id: topicId, bounds } = await reader.topic();
  const known = await store.consumed.positions(group, topic);
  refuseOther(known, topicId, bounds, deps);
  const fresh = partitions.filter((partition) => !known.some((each) => each.partition === partition));
  const begun = fresh.map((partition) => {
    const { first = 0, end = 0 } = bounds.get(partition) ?? {};
    return { partition, next: from === 'earliest' ? first : end };
  });
  await store.consumed.begin({ group, topic, topicId }, begun);
  // Another member may have been faster.
  const stored = fresh.length > 0 ? await store.consumed.positions(group, topic) : known;
  const mine = stored.filter(({ partition }) => partitions.includes(partition));
  const positions = new Map<number, number>();
  for (const { partition, next } of mine) {
    const first = bounds.get(partition)?.first ?? 0;
    if (next < first) await skipLost(deps, { partition, topicId, next }, first);
    positions.set(partition, Math.max(next, first));
  }
  return { topicId, positions };
}

function refuseOther(
  known: readonly Position[],
  topicId: string,
  bounds: ReadonlyMap<number, Bounds>,
  { group, topic }: Pick<ConsumeDeps, 'group' | 'topic'>,
): void {
  const other = known.find(
    (each) => each.topicId !== topicId || each.next > (bounds.get(each.partition)?.end ?? each.next),
  );
  if (!other) return;
  throw new Error(
    `The topic ${topic} is not the one that group ${group} has read: it was deleted and made anew, or has lost messages. ` +
      `stillhouse consume --topic ${topic} --group ${group} --reset forgets the positions, and all that is there is read again.`,
  );
}

/** Kafka has deleted messages before they were read; that cannot be mended, and must not be silent. */
async function skipLost(
  { store, group, topic, logger, metrics }: Parameters<typeof startPositions>[0],
  { partition, topicId, next }: Position,
  first: number,
): Promise<void> {
  logger.error(
    { topic, partition, from: next, lost: first - next },
    'Kafka has deleted messages before they were read; they are lost, and reading goes on behind them',
  );
  const parts = [{ partition, from: next, next: first }];
  const moved = await store.consumed.store({ group, topic, topicId, parts, rows: [], rejects: [] });
  if (moved !== null) metrics.lost(first - next);
}
