import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { ObservedUsers } from '../../domain/traffic/observed.ts';
import type { ShadowCounts } from '../../domain/traffic/shadow.ts';
import type { Ending, NewTraffic, Traffic, TrafficTest } from '../../domain/traffic/traffic.ts';

export interface StoredTraffic extends Traffic {
  /** Grows with every change. */
  updatedAt: number;
  /** Begin of the comparison as it is now: when the traffic was set, or when stable moved last. */
  epoch: number;
}

/** Traffic with the versions that it needs in memory. */
export interface RunningTraffic extends StoredTraffic {
  /** Versions of variants and of the shadow, as far as they are there. */
  registered: RegisteredVersion[];
}

/** Traffic as somebody sets it, with the versions that its names meant a moment ago. */
export interface TrafficToSet extends Pick<NewTraffic, 'shares' | 'experiment'> {
  variants: Traffic['variants'];
  test: TrafficTest | null;
  shadow: Traffic['shadow'];
  reason?: string;
}

export interface TrafficStore {
  /** Null where none was set, and after it was removed. */
  get(model: string): Promise<StoredTraffic | null>;
  running(): Promise<RunningTraffic[]>;
  /**
   * Begins a comparison, in place of the one of before.
   * @param expected `updatedAt` of what must be there: null is nothing, undefined is anything
   * @returns null, and nothing happens, when it is something else
   * @throws problem('not-found') where a version was deleted meanwhile
   */
  put(
    model: string,
    traffic: TrafficToSet,
    expected?: number | null,
    keyId?: string,
  ): Promise<StoredTraffic | null>;
  /** False where it is not as expected, or not there. */
  remove(model: string, expected?: number): Promise<boolean>;
  /** Users whose time was over at `now`, of the comparison as it is. */
  observed(traffic: Pick<StoredTraffic, 'model' | 'epoch'>, now: number): Promise<ObservedUsers>;
  /**
   * Stops a variant, or all of it, moves stable where that was asked for, and writes it into the history of stable, in one transaction.
   * @returns false, and nothing happens, where the traffic or stable has changed since it was read
   */
  end(
    seen: Pick<StoredTraffic, 'model' | 'updatedAt' | 'epoch'>,
    ending: Omit<Ending, 'at'>,
  ): Promise<boolean>;
  /** Adds to what was counted of a shadow. */
  addShadow(model: string, version: number, liveVersion: number, counts: ShadowCounts): Promise<void>;
  /** The newest version first. */
  shadows(model: string): Promise<{ version: number; liveVersion: number; counts: ShadowCounts }[]>;
}
