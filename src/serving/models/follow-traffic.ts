import { AppError, messageOf } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { slotOf } from '../../domain/traffic/assign.ts';
import { CONTROL } from '../../domain/traffic/traffic.ts';
import type { RunningTraffic } from '../../store/registry/traffic-contract.ts';
import { type FollowDeps, pauseAfter, renew } from './follow-alias.ts';
import type { AnyLive } from './kinds.ts';

/** A version that answers a share of the users, in this process. */
export interface Arm {
  name: string;
  version: number;
  /** Null where the registry does not have it any more. */
  registered: RegisteredVersion | null;
  /** Only a live one is given to anybody; in its place stable answers. */
  state: 'loading' | 'live' | 'refused';
  reason?: string;
  tries: number;
  /** By `performance.now()`. */
  retryAt: number;
}

export interface LiveTraffic {
  traffic: RunningTraffic;
  /** By the name of the variant, stable not among them. */
  arms: ReadonlyMap<string, Arm>;
}

/** Who answers somebody: `arm` is null for stable. */
export interface Assignment {
  variant: { name: string; experiment: string; standsInFor?: string };
  arm: Arm | null;
}

/** Brings the variants to what the registry says: each is loaded aside, tried and warmed before anybody gets it. */
export async function followTraffic(
  deps: FollowDeps & { traffics: Map<string, LiveTraffic> },
  running: readonly RunningTraffic[],
): Promise<void> {
  const { traffics } = deps;
  for (const model of traffics.keys()) {
    if (!running.some((one) => one.model === model)) traffics.delete(model);
  }
  for (const traffic of running) {
    const before = traffics.get(traffic.model)?.arms;
    const arms = new Map(traffic.variants.map((variant) => [variant.name, armOf(traffic, variant, before)]));
    for (const arm of arms.values()) await bringUp(deps, traffic.model, arm);
    // At once, so that each answer is by one state of the traffic.
    traffics.set(traffic.model, { traffic, arms });
  }
}

function armOf(
  { registered }: RunningTraffic,
  { name, version }: { name: string; version: number },
  before: ReadonlyMap<string, Arm> | undefined,
): Arm {
  const found = registered.find((one) => one.version === version) ?? null;
  const same = [...(before?.values() ?? [])].find(
    (arm) => arm.version === version && arm.registered?.artifact === found?.artifact,
  );
  if (same) return { ...same, name, registered: found };
  if (found) return { name, version, registered: found, state: 'loading', tries: 0, retryAt: 0 };
  const reason = `version ${version} is not there any more`;
  return {
    name,
    version,
    registered: null,
    state: 'refused',
    reason,
    tries: 0,
    retryAt: Number.POSITIVE_INFINITY,
  };
}

async function bringUp(deps: FollowDeps, model: string, arm: Arm): Promise<void> {
  const { cache, slots, warming, logger, retryMs } = deps;
  const { registered, version } = arm;
  if (!registered || (arm.state === 'refused' && performance.now() < arm.retryAt)) return;
  if (arm.state === 'live') {
    await renew(deps, registered.artifact);
    return;
  }
  try {
    const stable = slots.get(model)?.live;
    const former = stable ? cache.peek(stable.artifact) : undefined;
    const next = cache.peek(registered.artifact) ?? (await cache.load(registered));
    if (former) {
      refuseUnlike(next, former);
      await warming.warm(next, former);
    }
    cache.keep(next);
    arm.state = 'live';
    delete arm.reason;
    logger.info({ model, version, variant: arm.name }, 'a variant is ready');
  } catch (error) {
    const before = arm.reason;
    refuseArm(arm, error, retryMs);
    const { name: variant, reason } = arm;
    if (reason !== before) logger.error({ model, version, variant, reason }, 'variant refused');
  }
}

/** Nobody gets it until it is tried again: a damaged one later and later, one that could not be read at the next look. */
export function refuseArm(arm: Arm, error: unknown, retryMs: number): void {
  arm.state = 'refused';
  arm.reason = messageOf(error);
  arm.tries++;
  const isRetryable = !(error instanceof AppError) || error.retryable;
  arm.retryAt = isRetryable ? 0 : performance.now() + pauseAfter(arm.tries, retryMs);
}

/** A variant must answer whatever a caller may ask of stable: nobody gets an error for the slot that they are in. */
function refuseUnlike(next: AnyLive, stable: AnyLive): void {
  if (next.kind !== stable.kind) throw unlike(`it does not predict what version ${stable.version} does`);
  if (next.kind !== 'items' || stable.kind !== 'items') return;
  for (const { name, scoreScale } of stable.tasks) {
    const own = next.tasks.find((task) => task.name === name);
    if (!own) throw unlike(`it does not have the task ${name} of version ${stable.version}`);
    if (scoreScale !== undefined && own.scoreScale === undefined)
      throw unlike(`it has no scale for probabilities, as version ${stable.version} has`);
  }
}

const unlike = (reason: string) => new AppError('invalid-artifact', reason);

/** Finds who answers somebody, the same in every process; nobody knows who asks: stable. */
export function assign({ traffic, arms }: LiveTraffic, who: string | null): Assignment {
  const { experiment, slots } = traffic;
  const name = who === null ? CONTROL : slots[slotOf(experiment, who)]!;
  const arm = arms.get(name) ?? null;
  if (arm === null) return { variant: { name: CONTROL, experiment }, arm };
  if (arm.state !== 'live') return insteadOf(name, experiment);
  return { variant: { name, experiment }, arm };
}

/** Stable answers for a variant that cannot. */
export function insteadOf(name: string, experiment: string): Assignment {
  return { variant: { name: CONTROL, experiment, standsInFor: name }, arm: null };
}
