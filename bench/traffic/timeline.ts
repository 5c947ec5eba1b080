/** Versions that may answer, from the change on that made it so. */
interface State {
  versions: ReadonlySet<number>;
  /** When the change was asked for, and when it was answered; milliseconds of one clock. */
  asked: number;
  answered: number;
}

export interface Seen {
  sent: number;
  got: number;
  version: number | null;
}

/** What was current when, to hold answers against. */
export interface Timeline {
  /** Does a change; from then on these versions may answer. */
  change(work: () => Promise<readonly number[]>): Promise<void>;
  /** True for an answer by a version that was current at some time between `patience` before the request and its end. */
  isCurrent(answer: Seen): boolean;
  changes(): number;
}

export function createTimeline(
  versions: readonly number[],
  patienceMs: number,
  now = () => performance.now(),
): Timeline {
  const states: State[] = [{ versions: new Set(versions), asked: now(), answered: now() }];
  return {
    async change(work) {
      const asked = now();
      states.push({ versions: new Set(await work()), asked, answered: now() });
    },
    isCurrent: ({ sent, got, version }) =>
      states.some((state, i) => {
        const end = states[i + 1]?.answered ?? Number.POSITIVE_INFINITY;
        return (
          version !== null && state.versions.has(version) && state.asked <= got && end + patienceMs >= sent
        );
      }),
    changes: () => states.length - 1,
  };
}
