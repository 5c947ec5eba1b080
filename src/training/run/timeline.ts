/** A stage with the time that it is expected to take, in seconds or in any unit that all stages share. */
export interface ExpectedStage {
  name: string;
  work: number;
  /** True for one whose time says little about that of the others, nor theirs about it: its work is in seconds. */
  isRough?: boolean;
  /** True for one that may end before all of its parts are done, as where training stops early: its pace tells the most it can take. */
  endsEarly?: boolean;
}

export interface Estimate {
  /** Share of the job's time that is over, 0..1; it never falls. */
  fraction: number;
  /** Absent while nobody knows how long the stages take. */
  etaSeconds?: number;
}

/** Unit of the work of stages: shares say nothing of the time before one of them has run. */
export type WorkUnit = 'seconds' | 'shares';

/** Share of a stage after which its own pace tells all of the time that it has left. */
const TRUSTED = 0.25;

/**
 * Estimates the time left of stages that run one after the other, each once. A stage that runs is estimated by its own pace the more
 * of it is done, and by the plan before; the stages to come by the plan, times how much longer than planned those before them
 * took.
 * @param now returns seconds
 * @param unit of the stages' work until `expect` gives it in seconds
 */
// Long because its functions share one state.
export function createTimeline(
  stages: readonly ExpectedStage[],
  now: () => number,
  unit: WorkUnit = 'seconds',
) {
  const works = new Map(stages.map(({ name, work }) => [name, work]));
  const rough = new Set(stages.filter(({ isRough }) => isRough).map(({ name }) => name));
  const early = new Set(stages.filter(({ endsEarly }) => endsEarly).map(({ name }) => name));
  const took = new Map<string, number>();
  let started: number | undefined;
  let current: { name: string; since: number } | undefined;
  let fraction = 0;
  let isNew = true;
  let knowsSeconds = unit === 'seconds';

  const workOf = (name: string) => works.get(name) ?? 0;

  /** Seconds per unit of work, from the stages that are over and the part of this one that is done; undefined before any. */
  function paceOf(within: number): number | undefined {
    let [seconds, work] = [0, 0];
    for (const [name, own] of took) {
      if (rough.has(name) || early.has(name)) continue;
      seconds += own;
      work += workOf(name);
    }
    if (current && !rough.has(current.name) && !early.has(current.name)) {
      seconds += now() - current.since;
      work += within * workOf(current.name);
    }
    return work > 0 && seconds > 0 ? seconds / work : undefined;
  }

  function leftOf(name: string, within: number, pace: number): number {
    const elapsed = now() - current!.since;
    const planned = Math.max(pace * workOf(name) - elapsed, 0);
    if (within === 0) return planned;
    const own = (elapsed * (1 - within)) / within;
    if (early.has(name)) return Math.min(own, planned);
    const trust = Math.min(1, within / TRUSTED);
    return trust * own + (1 - trust) * planned;
  }

  return {
    begin(name: string): void {
      current = { name, since: now() };
      started ??= current.since;
    },
    end(): void {
      if (current) took.set(current.name, now() - current.since);
      current = undefined;
    },
    /** Replaces what is expected of some stages, once more is known of the job. */
    expect(expected: readonly ExpectedStage[]): void {
      knowsSeconds = true;
      for (const { name, work, isRough = false, endsEarly = false } of expected) {
        if (!works.has(name)) continue;
        works.set(name, work);
        if (isRough) rough.add(name);
        else rough.delete(name);
        if (endsEarly) early.add(name);
        else early.delete(name);
      }
    },
    /** @param within share of the stage that is done */
    at(name: string, within: number): Estimate {
      const time = now();
      started ??= time;
      if (current?.name !== name) current = { name, since: time };
      const place = stages.findIndex((stage) => stage.name === name);
      const pace = paceOf(within) ?? (knowsSeconds ? 1 : undefined);
      if (pace === undefined) {
        fraction = Math.max(
          fraction,
          shareDone(
            stages.map((stage) => workOf(stage.name)),
            place,
            within,
          ),
        );
        isNew = false;
        return { fraction };
      }
      const later = stages
        .slice(place + 1)
        .reduce((sum, stage) => sum + (rough.has(stage.name) ? 1 : pace) * workOf(stage.name), 0);
      const isLast = place === stages.length - 1;
      const etaSeconds =
        isLast && within === 1 ? 0 : leftOf(name, within, rough.has(name) ? 1 : pace) + later;
      const whole = time - started + etaSeconds;
      const share = whole > 0 ? Math.floor(1e4 * (1 - etaSeconds / whole)) / 1e4 : 0;
      // A job begins at 0, however long the machine paused between its start and its first report.
      if (!isNew || within > 0) fraction = Math.max(fraction, isLast && within === 1 ? 1 : share);
      isNew = false;
      return { fraction, etaSeconds };
    },
  };
}

/** Share of all work that is done, which needs no clock. @param within share of the work at this place */
function shareDone(works: readonly number[], place: number, within: number): number {
  const sum = (some: readonly number[]) => some.reduce((total, work) => total + work, 0);
  return sum(works) > 0 ? (sum(works.slice(0, place)) + within * works[place]!) / sum(works) : 0;
}
