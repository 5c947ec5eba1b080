import { createRng, type Rng } from '../../src/core/rng.ts';
import { layOut, slotOf } from '../../src/domain/traffic/assign.ts';
import { NO_MOMENTS } from '../../src/domain/traffic/moments.ts';
import { endingOf, type ObservedUsers } from '../../src/domain/traffic/observed.ts';
import { CONTROL, completeTest, type Traffic, type TrafficMetric } from '../../src/domain/traffic/traffic.ts';
import { afterReaction, afterRecommendation } from '../../src/store/registry/traffic-users.ts';

/** Draws what users do: those of the candidate react more often by the factor `lift`. */
export interface Scenario {
  name: string;
  metric: TrafficMetric;
  /** Per cent of the users. */
  candidate: number;
  /** Mean share of recommendations that stable's users react to. */
  rate: number;
  lift: number;
  /** The experiment ends here without a difference. */
  users: number;
}

export interface Outcome {
  kind: 'better' | 'worse' | 'undecided';
  users: number;
}

/** Users between two looks at the counts. */
const LOOK = 100;
const WINDOW_MS = 60_000;

/** Plays one experiment through the code that assigns, counts and decides, with a look after every hundred users. */
export function playExperiment(scenario: Scenario, seed: number): Outcome {
  const rng = createRng(seed);
  const { metric, candidate, users } = scenario;
  const test = completeTest({ metric, endAfter: { users, days: 365 } });
  const shares = { [CONTROL]: 100 - candidate, candidate };
  const traffic: Traffic & { epoch: number } = {
    ...{
      model: 'movies',
      experiment: `seed-${seed}`,
      shares,
      slots: layOut(shares),
      shadow: null,
      endings: [],
    },
    ...{ variants: [{ name: 'candidate', version: 2 }], test, state: 'running', epoch: 0 },
  };
  const counted = emptyCounts();
  for (let user = 1; ; user++) {
    const who = `user-${user}`;
    const variant = traffic.slots[slotOf(traffic.experiment, who)]!;
    addUser(counted, variant, playUser(scenario, variant, who, rng));
    if (user % LOOK !== 0) continue;
    const ending = endingOf(traffic, counted, 1, user);
    if (!ending || ending.kind === 'overtaken') continue;
    return { kind: ending.kind, users: user };
  }
}

/** One user: a taste of their own, one recommendation or more, and reactions to some of them. */
export function planUser({ metric, rate, lift }: Scenario, isCandidate: boolean, rng: Rng) {
  // Shares differ between users, with a coefficient of variation of a half.
  const taste = gammaOfFour(rng) / 4;
  const chance = Math.min(1, rate * taste * (isCandidate ? lift : 1));
  let times = 1;
  while (times < 20 && rng.next() < 0.6) times++;
  return Array.from({ length: times }, () => {
    if (rng.next() >= chance) return null;
    return metric === 'click-through' ? { value: null } : { value: Math.exp(3 + 0.8 * rng.normal()) };
  });
}

function gammaOfFour(rng: Rng): number {
  let product = 1;
  for (let i = 0; i < 4; i++) product *= 1 - rng.next();
  return -Math.log(product);
}

function playUser(scenario: Scenario, variant: string, unit: string, rng: Rng) {
  let row: ReturnType<typeof afterRecommendation> = null;
  planUser(scenario, variant !== CONTROL, rng).forEach((reaction, at) => {
    const own = { model: 'movies', unit, epoch: 1, variant };
    row = afterRecommendation(row ?? undefined, { ...own, at, windowMs: WINDOW_MS }) ?? row;
    if (!reaction) return;
    const isConversion = scenario.metric !== 'click-through';
    row = afterReaction(row!, { epoch: 1, variant, at, isFirst: true, isConversion, ...reaction }) ?? row;
  });
  return row!;
}

function emptyCounts() {
  const none = () => ({
    'click-through': { ...NO_MOMENTS },
    conversions: { ...NO_MOMENTS },
    revenue: { ...NO_MOMENTS },
    served: 0,
  });
  return { [CONTROL]: none(), candidate: none() } satisfies ObservedUsers;
}

/** Does what TrafficStore.observed does in SQL. */
function addUser(
  counts: ReturnType<typeof emptyCounts>,
  variant: string,
  row: { served: number; clicked: number; conversions: number; revenue: number },
): void {
  const own = counts[variant as 'candidate'];
  own.served += row.served;
  const values = {
    'click-through': row.clicked / row.served,
    conversions: row.conversions > 0 ? 1 : 0,
    revenue: row.revenue,
  };
  for (const metric of Object.keys(values) as TrafficMetric[]) {
    own[metric].users++;
    own[metric].sum += values[metric];
    own[metric].squares += values[metric] ** 2;
  }
}
