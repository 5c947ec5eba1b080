import type { ArtifactStore } from '../../artifact/store/store.ts';
import { WEIGHTS_FILE } from '../../artifact/student/checked-tensors.ts';
import { loadAny } from '../../artifact/student/load-any.ts';
import { packStudent } from '../../artifact/student/pack.ts';
import { REPORT_FILE } from '../../artifact/student/student-tensors.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { packTeacher } from '../../artifact/teacher-files.ts';
import { AppError, problem } from '../../core/errors.ts';
import { CODE_VERSION } from '../../core/version.ts';
import type { Dataset } from '../../dataset/build.ts';
import { describeSplit } from '../../dataset/split/describe-split.ts';
import type { Split } from '../../dataset/split/split.ts';
import type { NewVersion, ReportSummary } from '../../domain/answers/model.ts';
import type { Weighting } from '../../domain/data/weighting.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { RatingReport } from '../../domain/reports/rating-report.ts';
import type { Report, TransferReport } from '../../domain/reports/report.ts';
import { makeProbes } from '../../scoring/probes.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Assessment } from '../tasks/ranking/assess.ts';
import { planSeed, planSplit, type TrainingSettings } from '../tasks/ranking/plan.ts';
import type { TrainingData } from '../tasks/ranking/training-data.ts';
import { bytesOf } from './stages.ts';

export interface ReportParts {
  spec: DistillationSpec;
  dataset: Dataset;
  split: Split;
  settings: TrainingSettings;
  /** What training chose where the plan left it open, and from what. */
  teacher: Pick<Teacher, 'settings' | 'tried' | 'reads'>;
  weighting: Weighting;
  side: Pick<TrainingData, 'features' | 'cold'>;
  assessment: Assessment;
  transfer?: TransferReport;
  ensemble?: Report['ensemble'];
  startMetric?: number;
  /** Of an external teacher. */
  teacherCoverage?: Report['teacherCoverage'] | undefined;
  warnings: string[];
  seconds: Record<string, number>;
  backend: Record<string, unknown>;
}

export function writeReport(parts: ReportParts): Report {
  const { spec, dataset, split, settings, teacher, weighting, assessment, transfer } = parts;
  const { ensemble, warnings, seconds, backend } = parts;
  const seed = planSeed(spec);
  return {
    model: spec.model,
    createdAt: new Date().toISOString(),
    rankers: assessment.rankers,
    comparison: assessment.comparison,
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: dataset.matrix.indices.length,
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers: assessment.testUsers,
      split: describeSplit(planSplit(spec), seed),
      hash: dataset.hash,
    },
    protocol: assessment.protocol,
    ...(assessment.sets && { sets: assessment.sets }),
    ...(parts.teacherCoverage && {
      teacherCoverage: { ...parts.teacherCoverage, testUsersWithList: assessment.testUsersOfTeacher },
    }),
    studentBeforeTraining: parts.startMetric === undefined ? null : { 'ndcg@10': parts.startMetric },
    ...(transfer && { transfer }),
    ...(ensemble && { ensemble }),
    settings: {
      ...settings,
      chosenTeacher: teacher.settings,
      ...(teacher.tried ? { teachersTried: teacher.tried } : {}),
      weighting,
      filter: filterOf(spec),
      refit: spec.evaluation?.refit ?? false,
      ...describeSide(parts),
    },
    seed,
    backend,
    codeVersion: CODE_VERSION,
    seconds,
    warnings,
  };
}

/** What features there are, and who reads them. */
function describeSide({ spec, teacher, side: { features, cold } }: ReportParts) {
  if (!features) return {};
  const { items, users } = features;
  const of = (input: typeof users) =>
    input && { fields: input.encoding.fields.map(({ name }) => name), columns: input.encoding.known.length };
  return {
    features: {
      ...completeDistillation(spec).features,
      items: of(items),
      users: of(users),
      teacherReads: teacher.reads ?? { items: false, users: false },
      ...(cold && { coldItems: { items: cold.ids.length, pairs: cold.pairs.indices.length } }),
    },
  };
}

/** As the job says it, so that it can be said again. */
function filterOf(spec: DistillationSpec) {
  const { since, until, sample, minInteractions } = completeDistillation(spec).dataset;
  return { since, until, sample, minInteractions };
}

export interface Publication {
  jobId: string;
  artifacts: Pick<ArtifactStore, 'putFolder'>;
  signal: AbortSignal;
}

const keyOf = (model: string, jobId: string) => `models/${model}/${jobId}`;

/**
 * What an earlier run of this job had put into the store before it was killed. An artifact is there whole or not at all, so it
 * is the job's result: nothing is trained again, and files that a version may name already are not replaced.
 */
export async function findPublished(
  artifacts: Pick<ArtifactStore, 'get'>,
  model: string,
  jobId: string,
): Promise<{ version: NewVersion; warnings: string[] } | undefined> {
  const artifact = keyOf(model, jobId);
  try {
    const { manifest } = await loadAny(artifacts, artifact);
    const { items, dimensions, summary } = manifest;
    const { bytes } = manifest.files[WEIGHTS_FILE]!;
    const report = JSON.parse((await artifacts.get(`${artifact}/${REPORT_FILE}`)).toString()) as Report;
    return {
      version: { model, jobId, artifact, bytes, items, dimensions, summary },
      warnings: report.warnings,
    };
  } catch (error) {
    // There is none, or it is damaged: it is made again.
    if (error instanceof AppError && error.code === 'invalid-artifact') return undefined;
    throw error;
  }
}

/** Artifact first: what the registry will name must exist, whole and durable, before it is named. */
export async function publishArtifact(
  publication: Publication,
  items: string[],
  weights: StudentWeights,
  report: Report | RatingReport,
  weighting: Weighting,
  teacherFiles: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<NewVersion> {
  const summary = summaryOf(report);
  const shape = { items: items.length, dimensions: weights.itemsOut.width };
  const files = packStudent({
    weights,
    items,
    report,
    probes: makeProbes(createStudentScorer(weights), items),
    draft: {
      kind: weights.encoder ? 'sequential' : 'fold-in',
      model: report.model,
      jobId: publication.jobId,
      weighting,
      backend: report.backend,
      summary,
    },
  });
  // The student's manifest stays the last of all.
  return publishFiles(publication, new Map([...teacherFiles, ...files]), {
    model: report.model,
    ...shape,
    summary,
  });
}

/** @param files of the artifact, weights and manifest among them */
export async function publishFiles(
  { jobId, artifacts, signal }: Publication,
  files: ReadonlyMap<string, Uint8Array>,
  facts: Pick<NewVersion, 'model' | 'items' | 'dimensions' | 'summary'>,
): Promise<NewVersion> {
  if (signal.aborted) throw problem('cancelled', 'the job was cancelled before it published anything');
  const artifact = keyOf(facts.model, jobId);
  await artifacts.putFolder(artifact, files);
  return { jobId, artifact, bytes: files.get(WEIGHTS_FILE)!.length, ...facts };
}

/**
 * The teacher's files for the artifact; none, and a warning, for one that is too large. Imported lists are known by the rows of
 * this data, and stay where they were imported.
 */
export function teacherFiles(
  teacher: Pick<Teacher, 'state' | 'description' | 'listed' | 'members'>,
  most: number,
  onWarning: (message: string) => void,
): Map<string, Uint8Array> {
  if (teacher.listed || most === 0) return new Map();
  const external = teacher.members?.find((member) => member.teacher.listed);
  if (external) {
    onWarning(
      `The ensemble is not stored with the version, as ${external.teacher.description} is known by the users of this data: a later job cannot learn from it, only from the student`,
    );
    return new Map();
  }
  const state = teacher.state();
  const bytes = bytesOf(state);
  if (bytes <= most) return packTeacher(state, teacher.description);
  onWarning(
    `The teacher takes ${bytes} bytes and is not stored with the version, as more than ${most} are not (publish.teacher true takes up to ${2 ** 30}): a later job cannot learn from it, only from the student`,
  );
  return new Map();
}

function summaryOf(report: Report | RatingReport): ReportSummary {
  if ('predictors' in report) return ratingSummary(report);
  const values = (metrics: Report['rankers'][number]['metrics']) =>
    Object.fromEntries(Object.entries(metrics).map(([name, measured]) => [name, measured.value]));
  return {
    metrics: Object.fromEntries(report.rankers.map((ranker) => [ranker.name, values(ranker.metrics)])),
    compressionRatio: report.comparison.compressionRatio,
  };
}

function ratingSummary({ predictors, comparison }: RatingReport): ReportSummary {
  const metrics = predictors.map(
    ({ name, rmse, mae }) => [name, { rmse: rmse.value, mae: mae.value }] as const,
  );
  return { metrics: Object.fromEntries(metrics), compressionRatio: comparison.compressionRatio };
}
