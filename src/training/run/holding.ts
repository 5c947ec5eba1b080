/** A holder of tensors, until it is released. Its plain values, such as weights, stay afterwards. */
export interface Held {
  dispose(): void;
  /** Makes it able to answer again, where it was put aside while others work. */
  wake?(): Promise<void>;
}

/** Keeps something until all that was kept is released. */
export type Keep = <T extends Held>(held: T) => T;

/** Releases the tensors of all that was kept on the way, whatever happens. */
export async function holding<R>(use: (keep: Keep) => Promise<R>): Promise<R> {
  const kept: Held[] = [];
  try {
    return await use((held) => {
      kept.push(held);
      return held;
    });
  } finally {
    for (const held of kept.reverse()) held.dispose();
  }
}
