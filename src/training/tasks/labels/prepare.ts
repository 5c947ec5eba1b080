import { buildLabels, type LabelledData } from '../../../dataset/labels.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import type { CompleteSplit } from '../../../domain/tasks/split-spec.ts';
import { denseLabels, logLoss, UNCALIBRATED } from '../../../evaluation/calibrate.ts';
import { averagePrecision } from '../../../evaluation/label-metrics.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import type { TeacherState } from '../../../teacher/contract.ts';
import { planFilter, readInstalled } from '../../run/plan-job.ts';
import type { Run } from '../../run/run.ts';
import { leakWarnings, learnedBefore, type VersionThatLearned } from '../../teachers/learned-before.ts';
import { type LabelInputs, labelInputs } from './inputs.ts';
import { type LabelSettings, planLabelMeanings, planLabels } from './plan.ts';
import { type EntitySplit, splitEntities } from './split.ts';
import { loadStored, remapTeacher } from './stored-teacher.ts';
import type { LabelTraining } from './train.ts';
import { labelWarnings } from './warnings.ts';

/** All that a job of labels knows before anything is trained. */
export interface PreparedLabels {
  data: LabelledData;
  fractions: Extract<CompleteSplit, { strategy: 'random' }>;
  split: EntitySplit;
  inputs: LabelInputs;
  settings: LabelSettings;
  stored: VersionThatLearned | undefined;
  /** All that the version that teaches had learned from. */
  learned: ReturnType<typeof learnedBefore>;
  /** The teacher of an earlier version over the items and labels of this job, where the job trains none. */
  remapped?: { state: TeacherState; hash: string };
}

/** @throws problem('not-enough-data'), problem('invalid-job') */
export async function prepareLabels({ spec, store, artifacts, logger, warn }: Run): Promise<PreparedLabels> {
  const labels = spec.labels as LabelSettings['labels'];
  const fractions = spec.dataset.split as PreparedLabels['fractions'];
  const stored =
    spec.teacher.kind === 'stored'
      ? await loadStored(spec.teacher, labels, { models: store.models, artifacts })
      : undefined;
  const installed = await readInstalled(store.eventTypes);
  const { weighting, ...data } = await store.interactions.snapshot(async (source) => {
    const types = (await source.dictionary('types')).values();
    const { weighting: planned, warnings } = planLabelMeanings(spec, types, installed);
    for (const warning of warnings) warn(warning);
    const how = { labels, filter: planFilter(spec), most: MAX_HISTORY };
    return { ...(await buildLabels(source, planned, how)), weighting: planned };
  });
  const versions = stored ? [stored] : [];
  const learned = learnedBefore(versions);
  const split = splitEntities(data, fractions, spec.distillation.seed, learned);
  const leaks = leakWarnings({ versions, takenOut: split.takenOut, noun: 'labelled entities' });
  const shown = Int32Array.from([...split.train, ...split.unlabelled]);
  const inputs = labelInputs(data, labels, shown, { given: stored?.previous.encoding, warn });
  const settings = planLabels(spec, inputs.rows.columns, weighting, stored?.settings);
  for (const warning of [...labelWarnings(data, settings.labels), ...leaks]) warn(warning);
  const remapped = stored && {
    state: await remapTeacher(stored, data, store.catalogue),
    hash: stored.hash,
  };
  logger.info(
    { entities: data.entities.length, labels: data.labels.length, hash: data.hash },
    'data set ready',
  );
  return { data, fractions, split, inputs, settings, stored, learned, ...(remapped && { remapped }) };
}

const MOST_VALIDATED = 2000;
const TIE_BREAK = 1e-3;

/** Average precision of all decisions together, which asks for no threshold yet; of equal ones the surer is better. */
export function labelValidation({
  data,
  split,
  inputs,
  settings,
}: PreparedLabels): LabelTraining['validation'] {
  const rows = split.validation.subarray(0, MOST_VALIDATED);
  const truth = denseLabels(selectRows(data.known, rows));
  const asked = selectRows(inputs.rows, rows);
  // Without any label among them no epoch is better than another.
  if (!truth.includes(1)) return undefined;
  return {
    patience: settings.patience,
    metric(answers) {
      const logits = answers(asked);
      // The order alone is soon right on data that is easy, long before the teacher is sure enough to be learnt from.
      return (
        averagePrecision(logits, truth) - (TIE_BREAK * logLoss(logits, truth, UNCALIBRATED)) / truth.length
      );
    },
  };
}
