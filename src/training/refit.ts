import type { ServedReport } from '../domain/reports/served-report.ts';
import { isTrainingFailure } from '../teacher/training-failure.ts';
import { absurdity, agreementWarnings, compareServed } from './run/compare-served.ts';
import { type Held, holding } from './run/holding.ts';
import type { Run } from './run/run.ts';
import { teacherFiles } from './run/teacher-files.ts';
import type { Distillation, OpenTask, Refit } from './task.ts';

/** A student that is ready to be packed, with its teacher's files. */
export interface Publishable<T extends Held, S extends Held> {
  by: Pick<Distillation<T, S>, 'pack' | 'learned'>;
  student: S;
  files: ReadonlyMap<string, Uint8Array>;
  served: ServedReport;
}

/**
 * Trains teacher and student once more, on all data and on from the weights that were tested. A refit that fails, or whose student
 * answers with nonsense, is not published: the tested weights are, with a warning.
 * @param tested the student that was tested, which may have been released
 */
export async function refit<T extends Held, S extends Held, C extends Held>(
  run: Run,
  opened: OpenTask<T, S, C>,
  whole: Refit<T, S>,
  tested: S,
): Promise<Publishable<T, S>> {
  try {
    const refitted = await retrain(run, opened, whole);
    const [before, after] = [tested, refitted.student].map((student) => whole.lists(student));
    const reason = absurdity(before!, after!);
    if (reason !== undefined) return await keepTested(run, opened, tested, reason);
    const probes = compareServed(before!, after!);
    for (const warning of agreementWarnings(probes)) run.warn(warning);
    return { by: whole, ...refitted, served: { weights: 'refitted', ...timeOf(run), probes } };
  } catch (error) {
    // The tested weights are there: a refit that cannot be done is no reason to lose them.
    if (!isTrainingFailure(error)) throw error;
    return keepTested(run, opened, tested, error.detail);
  }
}

function retrain<T extends Held, S extends Held>(
  run: Run,
  { storable }: Pick<OpenTask<T, S>, 'storable'>,
  whole: Refit<T, S>,
): Promise<{ student: S; files: ReadonlyMap<string, Uint8Array> }> {
  return holding(async (keep) => {
    const teacher = keep(await run.stage('refit-teacher', (stage) => whole.teach(stage)));
    const student = keep(
      await run.stage('refit', async ({ fit }) => {
        const train = await whole.transfer(teacher, await fit());
        return train(await fit(whole.identity));
      }),
    );
    await teacher.wake?.();
    return { student, files: teacherFiles(run, storable(teacher)) };
  });
}

/** Obtains the tested teacher again for its files: it was released for the refit, and this is rare. */
async function keepTested<T extends Held, S extends Held, C extends Held>(
  run: Run,
  opened: OpenTask<T, S, C>,
  student: S,
  reason: string,
): Promise<Publishable<T, S>> {
  run.warn(`The refit is not served, the weights that were tested are: ${reason}`);
  const files = await holding(async (keep) => {
    const teacher = keep(await run.stage('publishing', (stage) => opened.teach(stage)));
    await teacher.wake?.();
    return teacherFiles(run, opened.storable(teacher));
  });
  return { by: opened, student, files, served: { weights: 'tested', reason, ...timeOf(run) } };
}

function timeOf({ seconds }: Run): Pick<ServedReport, 'seconds' | 'share'> {
  const sumOf = (...stages: string[]) => stages.reduce((sum, stage) => sum + (seconds[stage] ?? 0), 0);
  const [again, first] = [sumOf('refit-teacher', 'refit'), sumOf('teacher', 'transfer', 'distillation')];
  return { seconds: again, ...(first > 0 && { share: again / first }) };
}
