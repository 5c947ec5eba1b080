import { WEIGHTS_FILE } from '../../artifact/format/checked-tensors.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { loadAny } from '../../artifact/student/load-any.ts';
import { REPORT_FILE } from '../../artifact/student/student-tensors.ts';
import { AppError, problem } from '../../core/errors.ts';
import type { NewVersion, ReportSummary } from '../../domain/answers/model.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { gateRules } from '../../domain/jobs/rules/check-gate.ts';
import { teachersNamed } from '../../domain/jobs/teachers-named.ts';
import type { Report } from '../../domain/reports/report.ts';
import { type JudgedReport, judgeRelease } from '../../evaluation/gate/judge.ts';
import type { RunResult } from './run-options.ts';

export interface Publication {
  jobId: string;
  artifacts: Pick<ArtifactStore, 'putFolder'>;
  signal: AbortSignal;
}

const keyOf = (model: string, jobId: string) => `models/${model}/${jobId}`;

/**
 * Returns the version that an earlier run of this job had put into the store before it was killed. An artifact is there whole or
 * not at all, so it is the job's result: nothing is trained again, and files that a version may name already are not replaced.
 */
export async function findPublished(
  artifacts: Pick<ArtifactStore, 'get'>,
  spec: CompleteDistillation,
  jobId: string,
): Promise<RunResult | undefined> {
  const { model } = spec;
  const artifact = keyOf(model, jobId);
  try {
    const { manifest } = await loadAny(artifacts, artifact);
    const { items, dimensions, summary } = manifest;
    const { bytes } = manifest.files[WEIGHTS_FILE]!;
    const report = JSON.parse((await artifacts.get(`${artifact}/${REPORT_FILE}`)).toString()) as Report;
    return {
      version: { model, jobId, artifact, bytes, items, dimensions, summary, ...releaseOf(spec, report) },
      warnings: report.warnings,
    };
  } catch (error) {
    // There is none, or it is damaged: it is made again.
    if (error instanceof AppError && error.code === 'invalid-artifact') return undefined;
    throw error;
  }
}

/**
 * Puts the artifact into the store, before the registry names it: what a version names must exist, whole and durable.
 * @param files of the artifact, weights and manifest among them
 */
export async function publishFiles(
  { jobId, artifacts, signal }: Publication,
  files: ReadonlyMap<string, Uint8Array>,
  facts: Omit<NewVersion, 'jobId' | 'artifact' | 'bytes'>,
): Promise<NewVersion> {
  if (signal.aborted) throw problem('cancelled', 'the job was cancelled before it published anything');
  const artifact = keyOf(facts.model, jobId);
  await artifacts.putFolder(artifact, files);
  return { jobId, artifact, bytes: files.get(WEIGHTS_FILE)!.length, ...facts };
}

/** Returns what the registry decides by whether the version takes its alias, and what taught it. */
export function releaseOf(
  spec: CompleteDistillation,
  report: JudgedReport,
): Pick<NewVersion, 'gate' | 'taughtBy'> {
  const { margin, undecided } = spec.publish;
  const taughtBy = teachersNamed(spec).flatMap(({ model, version }) =>
    version === undefined ? [] : [{ model, version }],
  );
  return {
    gate: judgeRelease(report, {
      rules: gateRules(spec),
      ...(margin !== undefined && { margin }),
      ...(undecided && { undecided }),
    }),
    ...(taughtBy.length > 0 && { taughtBy }),
  };
}

/** Returns the figures that the registry shows of a version. */
export function summaryOf({ models, comparison }: Pick<Report, 'models' | 'comparison'>): ReportSummary {
  const valuesOf = ({ metrics, figures }: Report['models'][number]) => ({
    ...Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
    ...figures,
  });
  return {
    // A model that is measured over another part of the test would stand beside the others as if it were the same.
    metrics: Object.fromEntries(
      models.filter(({ over }) => !over).map((model) => [model.name, valuesOf(model)]),
    ),
    compressionRatio: comparison.compressionRatio,
  };
}
