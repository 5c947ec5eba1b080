/** Measures how long one attempt is in each of its stages. */
export interface StageClock {
  enter(stage: string): void;
  /** Milliseconds by stage until now, with what was spent in a stage that came again added up. */
  read(): Record<string, number>;
}

export function createStageClock(now: () => number = () => performance.now()): StageClock {
  const spent: Record<string, number> = {};
  let current: string | undefined;
  let since = 0;
  const settle = () => {
    if (current !== undefined) spent[current] = (spent[current] ?? 0) + now() - since;
    since = now();
  };
  return {
    enter(stage) {
      if (stage === current) return;
      settle();
      current = stage;
    },
    read() {
      settle();
      return { ...spent };
    },
  };
}
