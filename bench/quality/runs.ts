import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Measured } from '../../src/domain/reports/measured.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { QualityService } from './service.ts';

/** What a row of the page asks for; the rest is the service's default. */
export interface RowSpec {
  /** Text of the row, and its key together with the seed. */
  row: string;
  table: 'default' | 'teachers' | 'dimensions' | 'losses' | 'rounding';
  job: { teacher?: object; student?: object; distillation?: object; evaluation?: object };
}

/** What is kept of one job: enough for every table. */
export interface Run {
  row: string;
  table: RowSpec['table'];
  seed: number;
  seconds: number;
  stages: Record<string, number>;
  peakMiB: number;
  compressionRatio: number;
  rankers: Record<
    string,
    {
      description: string;
      bytes: number;
      p50: number | null;
      loss: number | null;
      calibratedLoss: number | null;
      metrics: Record<string, Measured>;
    }
  >;
  retained: Record<string, Measured>;
  keptByRounding: Record<string, Measured>;
  gainOverAlone: Record<string, Measured>;
  /** Runs of before have none: all their users were trained on, and they had one control. */
  histories?: HistoryRun[];
  /** The first words of the report. */
  verdict?: string;
  data: Report['data'];
  backend: string;
}

/** The figures of one kind of history that are kept. */
export interface HistoryRun {
  history: Report['histories'][number]['history'];
  users: number;
  why?: string;
  rankers: Record<string, { metrics: Record<string, Measured>; fidelity: Record<string, Measured> }>;
  retained: Record<string, Measured>;
  gainOverAlone: Record<string, Measured>;
}

export async function runRow(
  service: QualityService,
  { row, table, job }: RowSpec,
  common: { dataset: object; ks: number[]; seed: number },
): Promise<Run> {
  const { report, seconds, peakMiB } = await service.distil({
    model: 'quality',
    dataset: common.dataset,
    ...job,
    distillation: { ...job.distillation, seed: common.seed },
    evaluation: { k: common.ks, ...job.evaluation },
  });
  const wanted = (metrics: Record<string, Measured>) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => /^(recall|ndcg|hr)@/.test(name)));
  return {
    row,
    table,
    seed: common.seed,
    seconds,
    stages: report.seconds,
    peakMiB,
    compressionRatio: report.comparison.compressionRatio,
    rankers: Object.fromEntries(
      report.models.map((r) => [
        r.name,
        {
          description: r.description,
          bytes: r.bytes,
          p50: r.p50Microseconds,
          loss: r.loss,
          calibratedLoss: r.calibratedLoss,
          metrics: wanted(r.metrics),
        },
      ]),
    ),
    retained: wanted(report.comparison.retained),
    keptByRounding: wanted(report.comparison.keptByRounding),
    gainOverAlone: wanted(report.comparison.gainOverAlone),
    histories: report.histories.map(({ history, users, why, models, retained, gainOverAlone = {} }) => ({
      history,
      users,
      ...(why !== undefined && { why }),
      rankers: Object.fromEntries(
        models.map(({ name, metrics, fidelity }) => [
          name,
          { metrics: wanted(metrics), fidelity: agreement(fidelity ?? {}) },
        ]),
      ),
      retained: wanted(retained),
      gainOverAlone: wanted(gainOverAlone),
    })),
    verdict: report.verdict.text,
    data: report.data,
    backend: String(report.backend.name),
  };
}

const agreement = (fidelity: Record<string, Measured>) =>
  Object.fromEntries(Object.entries(fidelity).filter(([name]) => /^(overlap@10|rbo)$/.test(name)));

/**
 * Runs kept from earlier calls; a new one takes the place of the same row with the same seed, and of those of the row that were
 * made before reports told histories apart: a mean over the two would be a mean of two services.
 */
export function createRunBook(file: string) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const runs: Run[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  return {
    runs,
    put(run: Run): void {
      const isReplaced = (r: Run) =>
        r.row === run.row && r.table === run.table && (r.seed === run.seed || !r.histories);
      const at = runs.findIndex(isReplaced);
      const others = runs.filter((r) => !isReplaced(r));
      others.splice(at < 0 ? others.length : at, 0, run);
      runs.splice(0, runs.length, ...others);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, runs.map((r) => `${JSON.stringify(r)}\n`).join(''));
    },
  };
}
