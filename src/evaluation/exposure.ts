import { itemClasses } from './segments.ts';

/** Measures of what a ranker shows to whom, over all evaluated users. */
export interface Exposure {
  /** Share of the catalogue that is in some user's first k. */
  coverage: number;
  /** Mean popularity in training of what is shown (average recommendation popularity). */
  averagePopularity: number;
  /** Share of the places that go to head items, which carry a third of the training interactions. */
  headShare: number;
  /** Gini coefficient of how often each item is shown: 0 all equally often, near 1 a few items only. */
  gini: number;
}

/** Counts how often each item is among the first k. */
export function createExposure(popularity: Float32Array) {
  const shown = new Uint32Array(popularity.length);
  return {
    add(list: Int32Array): void {
      for (const item of list) shown[item]!++;
    },
    result(): Exposure {
      const classes = itemClasses(popularity);
      let places = 0;
      let covered = 0;
      let weight = 0;
      let head = 0;
      for (let i = 0; i < shown.length; i++) {
        const n = shown[i]!;
        if (n === 0) continue;
        places += n;
        covered++;
        weight += n * popularity[i]!;
        if (classes[i] === 0) head += n;
      }
      return {
        coverage: covered / shown.length,
        averagePopularity: places === 0 ? 0 : weight / places,
        headShare: places === 0 ? 0 : head / places,
        gini: gini(shown),
      };
    },
  };
}

/** 0 for nothing at all. */
export function gini(counts: Uint32Array): number {
  const sorted = counts.slice().sort();
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < sorted.length; i++) {
    sum += sorted[i]!;
    weighted += (2 * i - sorted.length + 1) * sorted[i]!;
  }
  return sum === 0 ? 0 : weighted / (sorted.length * sum);
}
