import { usersWithHistory } from '../../dataset/batches.ts';
import { buildDataset } from '../../dataset/build.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import { buildLabels } from '../../dataset/labels.ts';
import { suitedToRatings } from '../../dataset/liking.ts';
import { buildRatings } from '../../dataset/ratings.ts';
import { holdOutUsers } from '../../dataset/split/kinds.ts';
import { type Split, splitPairs } from '../../dataset/split/split.ts';
import { RATING_TYPE } from '../../domain/data/interaction.ts';
import type { TrainingSource } from '../../domain/data/interaction-source.ts';
import { type Installed, resolveEvents, type Weighting } from '../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { learnsSets } from '../../domain/tasks/labels-spec.ts';
import { MAX_HISTORY } from '../../scoring/user-vector.ts';
import { heldOutTypes, planFilter, planMeanings } from '../run/plan-job.ts';
import { refuseEmptyTest } from '../run/refuse-empty-test.ts';
import { splitWarnings } from '../run/split-warnings.ts';
import { labelInputs } from '../tasks/labels/inputs.ts';
import { type LabelSettings, planLabelMeanings } from '../tasks/labels/plan.ts';
import { ratingTypes } from '../tasks/rating/plan.ts';
import { planTaskMeanings } from '../tasks/several/plan.ts';
import { readTasks, splitTasks } from '../tasks/several/tasks-data.ts';

/** The size of the data of a job, as its trainer will find it, or of a sample of it. */
export interface ReadData extends Required<Pick<DataSize, 'users' | 'items' | 'pairs'>> {
  weighting: Weighting;
  /** Pairs before they are split. */
  allPairs: number;
  testPairs: number;
  /** Users of each task of a job with tasks. */
  taskUsers?: number[];
  /** Columns that a network of labels reads. */
  inputs?: number;
}

type Warn = (message: string) => void;

/**
 * Reads the data as the trainer will, up to the split.
 * @throws problem('not-enough-data'), problem('invalid-job'), as the trainer would
 */
export async function readDataOf(
  spec: CompleteDistillation,
  source: TrainingSource,
  installed: Installed,
  warn: Warn,
): Promise<ReadData> {
  if (spec.tasks) return readTasksOf(spec, source, installed, warn);
  if (spec.task === 'multi-label' && !learnsSets(spec)) return readLabels(spec, source, installed, warn);
  return spec.task === 'rating'
    ? readRatings(spec, source, installed, warn)
    : readRanking(spec, source, installed, warn);
}

async function readRanking(
  spec: CompleteDistillation,
  source: TrainingSource,
  installed: Installed,
  warn: Warn,
): Promise<ReadData> {
  const types = (await source.dictionary('types')).values();
  const { weighting: planned, warnings } = planMeanings(spec, types, installed);
  for (const warning of warnings) warn(warning);
  const isOpen = !spec.dataset.types && !spec.dataset.events?.[RATING_TYPE];
  const weighting = isOpen ? await suitedToRatings(source, planned) : planned;
  const dataset = await buildDataset(source, weighting, {
    ...{ heldOut: heldOutTypes(spec.dataset.split), filter: planFilter(spec) },
    ...{ inOrder: spec.task === 'sequential', warn },
  });
  return { weighting, ...sizeOf(spec, dataset, warn) };
}

async function readRatings(
  spec: CompleteDistillation,
  source: TrainingSource,
  installed: Installed,
  warn: Warn,
): Promise<ReadData> {
  const { events } = resolveEvents({ events: spec.dataset.events }, ratingTypes(spec), installed);
  const dataset = await buildRatings(source, {
    types: ratingTypes(spec),
    scale: spec.dataset.ratingScale,
    filter: planFilter(spec),
    isUnrated: (type, value) => events[type]?.scale?.unrated === value,
  });
  const weighting = planMeanings(spec, [], installed, {}).weighting;
  return { weighting: { ...weighting, events }, ...sizeOf(spec, dataset, warn) };
}

function sizeOf(
  spec: CompleteDistillation,
  dataset: Awaited<ReturnType<typeof buildDataset>>,
  warn: Warn,
): Omit<ReadData, 'weighting'> {
  const { users, items, matrix } = dataset;
  const [split] = holdOutUsers([splitPairs(dataset, spec.dataset.split, spec.distillation.seed)], {
    ...{ users, unseenShare: spec.evaluation.unseenUsers ?? 0 },
  }) as [Split];
  refuseEmptyTest(split);
  for (const warning of splitWarnings(split)) warn(warning);
  return {
    ...{ users: users.length, items: items.length, pairs: split.train.indices.length },
    ...{ allPairs: matrix.indices.length, testPairs: split.test.indices.length },
  };
}

async function readLabels(
  spec: CompleteDistillation,
  source: TrainingSource,
  installed: Installed,
  warn: Warn,
): Promise<ReadData> {
  const labels = spec.labels as LabelSettings['labels'];
  const { weighting, warnings } = planLabelMeanings(
    spec,
    (await source.dictionary('types')).values(),
    installed,
  );
  for (const warning of warnings) warn(warning);
  const data = await buildLabels(source, weighting, { labels, filter: planFilter(spec), most: MAX_HISTORY });
  const known = data.entities.flatMap((_, entity) => (data.isKnown[entity] === 1 ? [entity] : []));
  const { rows } = labelInputs(data, labels, Int32Array.from(known), { warn });
  const { testFraction = 0.1, validationFraction = 0.1 } = spec.dataset.split as {
    testFraction?: number;
    validationFraction?: number;
  };
  return {
    ...{ weighting, users: known.length, items: data.labels.length, inputs: rows.columns },
    ...{ allPairs: data.known.indices.length },
    pairs: Math.round(data.known.indices.length * (1 - testFraction - validationFraction)),
    testPairs: Math.round(data.known.indices.length * testFraction),
  };
}

async function readTasksOf(
  spec: CompleteDistillation,
  source: TrainingSource,
  installed: Installed,
  warn: Warn,
): Promise<ReadData> {
  const tasks = spec.tasks!;
  const types = (await source.dictionary('types')).values();
  const { weighting } = planTaskMeanings(spec, tasks, types, installed);
  // Of items that nobody is shown nothing is known here, and they are few.
  const store = {
    ...{ interactions: { snapshot: <T>(read: (source: TrainingSource) => Promise<T>) => read(source) } },
    ...{
      models: { names: async () => [], versions: async () => [] },
      catalogue: { getItems: async () => [] },
    },
  };
  const dataset = await readTasks({ store, spec, warn }, tasks);
  const split = splitTasks(spec, tasks, dataset, []);
  const sum = (of: (task: (typeof split)[number]) => number) =>
    split.reduce((total, task) => total + of(task), 0);
  return {
    ...{ weighting, users: dataset.users.length, items: dataset.items.length },
    pairs: sum((task) => task.split.train.indices.length),
    testPairs: sum((task) => task.split.test.indices.length),
    allPairs: sum((task) => task.pairs.matrix.indices.length),
    taskUsers: split.map((task) => usersWithHistory(task.split.train).length),
  };
}
