import { DEFAULT_TASK, type ManifestDraft } from '../../artifact/student/manifest.ts';
import { packStudent, type StudentPackage } from '../../artifact/student/pack.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import type { Weighting } from '../../domain/data/weighting.ts';
import type { Report } from '../../domain/reports/report.ts';
import { makeProbes } from '../../scoring/probes.ts';
import { createStudentScorer } from '../../scoring/student-scorer.ts';

/** The part of an artifact's manifest that tells of its job. */
export type Draft = Pick<ManifestDraft, 'model' | 'jobId' | 'backend' | 'summary'>;

/** A student as files of an artifact, the manifest last, with what the registry says of its shape. */
export interface Packed {
  files: ReadonlyMap<string, Uint8Array>;
  items: number;
  dimensions: number;
}

/** Packs a student that scores items, with requests whose answers are compared whenever it is loaded. */
export function packScored(
  {
    weights,
    items,
    weighting,
    maxHistory,
  }: { weights: StudentWeights; items: readonly string[]; weighting: Weighting; maxHistory: number },
  report: StudentPackage['report'],
  draft: Draft,
): Packed {
  const kind = weights.encoder ? 'sequential' : 'fold-in';
  const scoreScale = scalesOf(report);
  const files = packStudent({
    weights,
    items,
    report,
    probes: makeProbes(createStudentScorer(weights), items),
    draft: {
      ...draft,
      kind,
      weighting,
      maxHistory,
      ...(Object.keys(scoreScale).length > 0 && { scoreScale }),
    },
  });
  return { files, items: items.length, dimensions: weights.itemsOut.width };
}

/** The scales of the tested student's scores, by task. */
function scalesOf({ models, tasks }: Pick<Report, 'models' | 'tasks'>): Record<string, number> {
  const tables = tasks ?? [{ task: DEFAULT_TASK, models }];
  return Object.fromEntries(
    tables.flatMap((table) => {
      const scale = table.models.find(({ name }) => name === 'student')?.scoreScale;
      return typeof scale === 'number' ? [[table.task, scale]] : [];
    }),
  );
}
