import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import type { Csr } from '../../dataset/matrix.ts';
import { encodeAll, type FeatureEncoding } from '../../features/encoding.ts';
import type { Described } from '../../features/values.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { HiddenItems } from './hidden-items.ts';
import { fitItemMap, howWellLearned, rowsWithBias } from './item-map.ts';
import { mean, type Places, type Tried, tryMap } from './try-map.ts';

/** The decision of validation: the fields that are read, how strongly they are held back, and how much they may say. */
export interface Choice {
  fields: readonly string[];
  ridge: number;
  /** Standard deviation of what features add to a score, by the mean distance of the first and the last of 20 places. */
  spread: number;
  /** One result for each set of hidden items. */
  tried: Tried[];
}

/** Items that are hidden, and the student to which they are new or that is asked as if they were. */
export interface Part {
  weights: StudentWeights;
  hidden: HiddenItems;
}

export interface Search {
  parts: readonly Part[];
  described: readonly (Described | null)[];
  engine: Engine;
  /** Places that the hidden items may have. */
  places: Places;
  /** Fits an encoding of some fields, without a column that all items have. */
  encodingOf(fields: readonly string[]): FeatureEncoding;
}

export type TryFields = (fields: readonly string[], ridge: number) => Choice;

const FIRST_RIDGE = 30;
/** Items that are fitted while it is chosen. */
const MOST_FITTED = 10_000;
const RIDGES = [3, 10, 100];
const SPREADS = [1 / 6, 1 / 3, 2 / 3, 4 / 3];
/** Fields of which it is tried whether leaving them out is better. */
const MOST_TRIED = 12;
/** New items stand at the end of a list where they can: their share of the first 10 places, by that of the first 20. */
const MOST_EARLY = 0.3;

/** Chooses on hidden items the ridge, and leaves out each field in turn where that is better, before and after. */
export function chooseMap(search: Search, fields: readonly string[]): Choice {
  const tryMaps = createTries(search);
  const withoutUseless = (choice: Choice) => {
    let best = choice;
    for (const field of choice.fields.slice(0, MOST_TRIED)) {
      const others = best.fields.filter((name) => name !== field);
      if (others.length > 0) best = better(best, tryMaps(others, choice.ridge));
    }
    return best;
  };
  let best = withoutUseless(tryMaps(fields, FIRST_RIDGE));
  for (const ridge of RIDGES) best = better(best, tryMaps(best.fields, ridge));
  return withoutUseless(best);
}

function better(a: Choice, b: Choice): Choice {
  return recallOf(b) > recallOf(a) ? b : a;
}

export function recallOf({ tried }: Pick<Choice, 'tried'>): number {
  return mean(tried.map(({ recall }) => mean(recall)));
}

/** Tries fields with a ridge on all parts, and chooses how much they may say. */
export function createTries({ parts, described, engine, places, encodingOf }: Search): TryFields {
  const fits = parts.map(({ weights, hidden }) => {
    const known = howWellLearned(weights.popularity);
    for (const item of hidden.items) known[item] = 0;
    return { hidden, known, targets: rowsWithBias(weights) };
  });
  const bagsOf = new Map<string, Csr>();
  return (fields, ridge) => {
    const key = JSON.stringify(fields);
    const bags = bagsOf.get(key) ?? encodeAll(encodingOf(fields), described);
    bagsOf.set(key, bags);
    const maps = fits.map(({ known, targets }) =>
      fitItemMap(bags, targets, known, ridge, engine, MOST_FITTED),
    );
    const choices = SPREADS.map((spread) => ({
      ...{ fields, ridge, spread },
      tried: fits.map(({ hidden }, i) => tryMap(hidden, bags, maps[i]!, spread, places)),
    }));
    const late = choices.filter(({ tried }) => {
      const of = (share: 'share' | 'shareOfTen') => mean(tried.map((one) => one[share]));
      return of('shareOfTen') <= MOST_EARLY * of('share');
    });
    return (late.length > 0 ? late : choices).reduce(better);
  };
}
