/**
 * Says of a message whether it is the next one of its partition. One that is `behind a gap` must not be stored yet, and those after it
 * neither; one that is `not asked for` was handed out before, or is of another partition.
 */
export type Follow = (partition: number, offset: number) => 'next' | 'behind a gap' | 'not asked for';

/**
 * Finds messages that a client has passed over: while a stream is closed or partitions change hands it may throw away what it has read
 * ahead, and go on. Numbers are missing in sound partitions too (compacted topics, ends of transactions), so a gap counts as one of the
 * partition when a reading that begins at it finds the same again.
 * @param onGap hears of each gap when it is met first
 * @returns what follows one reading from these positions
 */
export function createFollower(
  onGap: (reason: string) => void,
): (positions: ReadonlyMap<number, number>) => Follow {
  const suspected = new Map<number, string>();
  return (positions) => {
    const next = new Map(positions);
    return (partition, offset) => {
      const wanted = next.get(partition);
      // A stream may begin to read partitions that came with a rebalance, at a place of its own, before it is closed.
      if (wanted === undefined || offset < wanted) return 'not asked for';
      const gap = `${wanted} to ${offset - 1}`;
      if (offset > wanted && suspected.get(partition) !== gap) {
        suspected.set(partition, gap);
        onGap(`messages ${gap} of partition ${partition} did not come; they are asked for once more`);
        return 'behind a gap';
      }
      next.set(partition, offset + 1);
      return 'next';
    };
  };
}
