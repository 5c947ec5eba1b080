import type { DataSize } from '../../dataset/data-size.ts';
import { SINGLE_KINDS } from '../../domain/teachers/single.ts';
import type { AutoSpec } from '../../domain/teachers/teacher-spec.ts';
import { planSingle, memoryOfTraining, type SingleSettings, secondsOfTraining } from '../../teacher/registry.ts';
import type { AutoSettings, LeftOut } from '../../teacher/several/auto.ts';

/** Seconds of the default budget: at least, for every million pairs, and at most. */
const BUDGET = { least: 60, perMillion: 15, most: 600 };
/** Widths of iALS, of which the greatest is taken that leaves at least half of the budget to others. */
const WIDTHS = [256, 128, 64];
const WIDEST_SHARE = 0.5;
/** On fewer items wide vectors of iALS learn the pairs by heart. */
const SMALL_CATALOGUE = 5_000;

/** Kinds in the order in which they are tried, the most worth for its time first. */
const KINDS = SINGLE_KINDS.flatMap(({ kind, auto }) => (auto === undefined ? [] : [{ kind, place: auto }]))
  .sort((a, b) => a.place - b.place)
  .map(({ kind }) => kind);

export function defaultBudget({ pairs = 0 }: DataSize): number {
  return Math.min(BUDGET.most, Math.ceil(BUDGET.least + (BUDGET.perMillion * pairs) / 1e6));
}

/**
 * Plans what `auto` tries: every kind for which the budget has time left, in their order. Time is estimated from the size of the
 * data and not measured, so that the same job tries the same on every machine. Where the budget allows none, the quickest is planned.
 */
export function planAuto({ budgetSeconds }: AutoSpec, size: DataSize): AutoSettings<SingleSettings> {
  const budget = budgetSeconds ?? defaultBudget(size);
  const options = KINDS.flatMap((kind) => optionsOf(kind, size, budget));
  const candidates: SingleSettings[] = [];
  const leftOut: LeftOut[] = [];
  let left = budget;
  for (const { settings, seconds, memoryMiB } of options) {
    if (memoryMiB > (size.memoryMiB ?? Number.POSITIVE_INFINITY)) {
      leftOut.push({ kind: settings.kind, seconds: rounded(seconds), memoryMiB });
    } else if (seconds <= left) {
      candidates.push(settings);
      left -= seconds;
    } else leftOut.push({ kind: settings.kind, seconds: rounded(seconds) });
  }
  if (candidates.length === 0) {
    const quickest = options.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    const others = leftOut.filter(({ kind }) => kind !== quickest.settings.kind);
    return { kind: 'auto', budgetSeconds: budget, candidates: [quickest.settings], leftOut: others };
  }
  return { kind: 'auto', budgetSeconds: budget, candidates, leftOut };
}

interface Option {
  settings: SingleSettings;
  seconds: number;
  memoryMiB: number;
}

/** What may be tried of a kind: of the graph filter both of its forms, as each of them is the better one on some data. */
function optionsOf(kind: string, size: DataSize, budget: number): Option[] {
  const option = (settings: SingleSettings) => ({
    ...{ settings, seconds: secondsOfTraining(settings, size) },
    memoryMiB: memoryOfTraining(settings, size),
  });
  const plan = (dimensions?: number) => planSingle({ kind, ...(dimensions && { dimensions }) }, size);
  if (kind === 'matrix-factorization') {
    const widths = widthsFor(size).map((width) => option(plan(width)));
    return [widths.find(({ seconds }) => seconds <= WIDEST_SHARE * budget) ?? widths.at(-1)!];
  }
  const settings = plan();
  if (settings.kind !== 'graph-filter') return [option(settings)];
  const isLowPass = ({ alpha }: { alpha: number }) => alpha > 0;
  return [
    option({ ...settings, filters: settings.filters.filter((filter) => !isLowPass(filter)) }),
    option({ ...settings, filters: settings.filters.filter(isLowPass) }),
  ];
}

const widthsFor = ({ items }: DataSize) => (items < SMALL_CATALOGUE ? WIDTHS.slice(1) : WIDTHS);

const rounded = (seconds: number) => Math.ceil(seconds * 10) / 10;
