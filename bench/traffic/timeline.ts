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

/** Record of what was current when, to hold answers against. */
export interface Timeline {
  /** Does a change; from then on these versions may answer. */
  change(work: () => Promise<readonly number[]>): Promise<void>;
  /** True for an answer by a version that was current at some time between `patience` before the request and its end. */
  isCurrent(answer: Seen): boolean;
  /** Milliseconds from the end of its time to the request, 0 for a version that was current; infinite for one that never was before. */
  lateness(answer: Seen): number;
  changes(): number;
}

export function createTimeline(
  versions: readonly number[],
  patienceMs: number,
  now = () => performance.now(),
): Timeline {
  const states: State[] = [{ versions: new Set(versions), asked: now(), answered: now() }];

  function lateness({ sent, got, version }: Seen): number {
    let least = Number.POSITIVE_INFINITY;
    states.forEach((state, i) => {
      if (version === null || !state.versions.has(version) || state.asked > got) return;
      least = Math.min(least, Math.max(0, sent - (states[i + 1]?.answered ?? Number.POSITIVE_INFINITY)));
    });
    return least;
  }

  return {
    async change(work) {
      const asked = now();
      states.push({ versions: new Set(await work()), asked, answered: now() });
    },
    isCurrent: (answer) => lateness(answer) <= patienceMs,
    lateness,
    changes: () => states.length - 1,
  };
}
