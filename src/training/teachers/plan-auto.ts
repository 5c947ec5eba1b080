import type { DataSize } from '../../dataset/data-size.ts';
import type { TaskSpec } from '../../domain/base/task-spec.ts';
import { SINGLE_KINDS } from '../../domain/teachers/single.ts';
import type { AutoSpec } from '../../domain/teachers/teacher-spec.ts';
import {
  memoryOfTraining,
  planSingle,
  type SingleSettings,
  secondsOfTraining,
} from '../../teacher/registry.ts';
import type { AutoSettings } from '../../teacher/several/auto.ts';

/**
 * Seconds of the default budget: for any data, for a million pairs, for a thousand users and items, and at most. Of sequences there is
 * time for a network.
 */
const SETS = { least: 35, perMillion: 15, perThousand: 1, most: 600 };
const SEQUENCES = { least: 200, perMillion: 200, perThousand: 2, most: 900 };
/** Share of the budget that one kind may take: of its sizes the greatest is taken that leaves the rest to others. */
const MOST_OF_ONE = 0.5;
/** Shares of the epochs of SASRec. */
const SHARES = [1, 0.5, 0.25];
/** Widths of iALS. */
const WIDTHS = [256, 128, 64];
/** Rounds of iALS where there is time for one setting alone: each is validated, which takes most of its time on many items. */
const FEW_ROUNDS = 6;
/** On fewer items wide vectors of iALS learn the pairs by heart. */
const SMALL_CATALOGUE = 5_000;

/** The kinds of a task in the order in which they are tried, the most worth for its time first. */
const kindsOf = (wanted: TaskSpec) =>
  SINGLE_KINDS.flatMap(({ kind, task, auto }) =>
    auto === undefined || task !== wanted ? [] : [{ kind, place: auto }],
  )
    .sort((a, b) => a.place - b.place)
    .map(({ kind }) => kind);

export function defaultBudget(
  { users, items, pairs = 0 }: DataSize,
  task: TaskSpec = 'single-label',
): number {
  const { least, perMillion, perThousand, most } = task === 'sequential' ? SEQUENCES : SETS;
  return Math.min(
    most,
    Math.ceil(least + perMillion * (pairs / 1e6) + perThousand * ((users + items) / 1e3)),
  );
}

/**
 * Plans what `auto` tries: every kind for which the budget has time left, in their order. Time is estimated from the size of the
 * data and not measured, so that the same job tries the same on every machine. Where the budget allows none, the quickest is planned.
 */
export function planAuto(
  { budgetSeconds }: AutoSpec,
  size: DataSize,
  task: TaskSpec = 'single-label',
): AutoSettings<SingleSettings> {
  const budget = budgetSeconds ?? defaultBudget(size, task);
  const [planned, left]: [Option[], Option[]] = [[], []];
  let time = budget;
  for (const kind of kindsOf(task)) {
    for (const option of optionsOf(kind, size, { time, most: Math.min(time, MOST_OF_ONE * budget) })) {
      const fits = option.seconds <= time && !isTooLarge(option, size);
      (fits ? planned : left).push(option);
      if (fits) time -= option.seconds;
    }
  }
  if (planned.length === 0) {
    const quickest = left.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    planned.push(quickest);
    left.splice(left.indexOf(quickest), 1);
  }
  return {
    kind: 'auto',
    budgetSeconds: budget,
    candidates: planned.map(({ settings }) => settings),
    leftOut: left.map((option) => ({
      kind: option.settings.kind,
      seconds: Math.ceil(option.seconds * 10) / 10,
      ...(isTooLarge(option, size) && { memoryMiB: option.memoryMiB }),
    })),
  };
}

interface Option {
  settings: SingleSettings;
  seconds: number;
  memoryMiB: number;
}

function isTooLarge({ memoryMiB }: Option, size: DataSize): boolean {
  return memoryMiB > (size.memoryMiB ?? Number.POSITIVE_INFINITY);
}

/**
 * Returns what may be tried of a kind: EASE with all of its ridges or the first alone, iALS of one width, or of the least with its
 * usual setting alone, SASRec with as many epochs as
 * there is time for; of the graph filter both of its forms, as each of them is the better one on some data.
 */
function optionsOf(kind: string, size: DataSize, { time, most }: { time: number; most: number }): Option[] {
  const option = (settings: SingleSettings) => ({
    ...{ settings, seconds: secondsOfTraining(settings, size) },
    memoryMiB: memoryOfTraining(settings, size),
  });
  const plan = (dimensions?: number) => planSingle({ kind, ...(dimensions && { dimensions }) }, size);
  const greatest = (sizes: Option[], limit = most) => [
    sizes.find(({ seconds }) => seconds <= limit) ?? sizes.at(-1)!,
  ];
  if (kind === 'matrix-factorization') {
    const wide = widthsFor(size).map((width) => option(plan(width)));
    return greatest([...wide, option(withoutTries(plan(WIDTHS.at(-1))))]);
  }
  const settings = plan();
  if (settings.kind === 'ease')
    return greatest([option(settings), option({ ...settings, lambda: settings.lambda.slice(0, 1) })]);
  if (settings.kind === 'sasrec') {
    const epochs = SHARES.map((share) => Math.max(1, Math.ceil(share * settings.epochs)));
    return greatest(
      epochs.map((some) => option({ ...settings, epochs: some })),
      time,
    );
  }
  if (settings.kind !== 'graph-filter') return [option(settings)];
  const isLowPass = ({ alpha }: { alpha: number }) => alpha > 0;
  return [
    option({ ...settings, filters: settings.filters.filter((filter) => !isLowPass(filter)) }),
    option({ ...settings, filters: settings.filters.filter(isLowPass) }),
  ];
}

function withoutTries(settings: SingleSettings): SingleSettings {
  const { tries: _, ...rest } = settings as Extract<SingleSettings, { objective: 'ials' }>;
  return { ...rest, epochs: FEW_ROUNDS };
}

const widthsFor = ({ items }: DataSize) => (items < SMALL_CATALOGUE ? WIDTHS.slice(1) : WIDTHS);
