import { FixedOffsetZone, IANAZone } from 'luxon';

/** Milliseconds since 1970 of a time on the clocks of a zone, given as if it were UTC. */
export type ToUtc = (wall: number) => number;

/** Quarters of an hour: no zone changes its clocks at another moment. */
const STEP_MS = 900_000;

/**
 * @param name as `timezone` of an import: IANA or an offset. What the clocks skip in spring is read with the offset
 * before; of an hour that comes twice in autumn the first is meant.
 */
export function zoneOf(name: string): ToUtc {
  const fixed = /^([+-])(\d{2}):?(\d{2})?$/.exec(name);
  const minutes = fixed && Number(`${fixed[1]}1`) * (Number(fixed[2]) * 60 + Number(fixed[3] ?? 0));
  const zone = minutes === null ? IANAZone.create(name) : FixedOffsetZone.instance(minutes);
  if (zone.isUniversal) return (wall) => wall - zone.offset(0) * 60_000;
  const known = new Map<number, number>();
  // Asking Intl takes twenty microseconds, and rows of a file are near each other.
  const offset = (time: number) => {
    const step = Math.floor(time / STEP_MS);
    let found = known.get(step);
    if (found === undefined) {
      found = zone.offset(step * STEP_MS) * 60_000;
      known.set(step, found);
    }
    return found;
  };
  return (wall) => {
    const before = offset(wall - 86_400_000);
    const first = wall - before;
    if (offset(first) === before) return first;
    const second = wall - offset(first);
    return offset(second) === offset(first) ? second : first;
  };
}
