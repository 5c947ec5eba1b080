import { hashOfId } from '../../core/id-hash.ts';

/** Users are spread over so many slots: one for each per cent. */
export const SLOTS = 100;

/** The seed that decides about variants; another one decides who is counted, so that the two have nothing to do with each other. */
const VARIANT_SEED = 1;
const COUNTED_SEED = 2;

/** Name of the variant that each slot gets; the slot of a user never changes within an experiment. */
export type Slots = readonly string[];

/** Whole per cents by the name of a variant. */
export type Shares = Readonly<Record<string, number>>;

/** Returns the slot of somebody in an experiment, from 0 to 99: the same in every process, for ever. */
export function slotOf(experiment: string, who: string): number {
  return hashOfId(`${experiment}\n${who}`, VARIANT_SEED) % SLOTS;
}

/** True for those whose recommendations are counted. @param sample share of all, 0 to 1 */
export function isCounted(experiment: string, who: string, sample: number): boolean {
  return sample >= 1 || hashOfId(`${experiment}\n${who}`, COUNTED_SEED) / 2 ** 53 < sample;
}

/**
 * Gives each variant its number of slots. A variant whose share grows or stays keeps all slots that it had, so that its users stay
 * with it; one that shrinks gives up its last ones.
 * @param shares whole per cents that add up to 100
 * @param before the slots until now; none for a new experiment
 */
export function layOut(shares: Shares, before: Slots = []): Slots {
  const left = new Map(Object.entries(shares));
  const take = (name: string) => left.set(name, left.get(name)! - 1);
  const kept = Array.from({ length: SLOTS }, (_, slot) => {
    const name = before[slot];
    if (name === undefined || !left.get(name)) return null;
    take(name);
    return name;
  });
  const names = [...left.keys()].sort();
  return kept.map((name) => {
    if (name !== null) return name;
    const next = names.find((one) => left.get(one)! > 0)!;
    take(next);
    return next;
  });
}
