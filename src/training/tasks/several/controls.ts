import { type BestAlone, trainBestAlone } from '../../controls/best-alone.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import { bestAloneEntry } from '../ranking/best-alone.ts';
import type { Entry } from '../ranking/entries.ts';
import { createValidation } from '../ranking/validation.ts';
import { validationHistories } from './held-everywhere.ts';
import type { Reader } from './readers.ts';
import { readingsOf, readingValidation } from './reading.ts';
import type { LearnedPairs } from './tasks-data.ts';
import { type PlannedTasks, readAs } from './teach.ts';
import type { TaskStudent } from './train.ts';

/** The controls of one task. */
export interface TaskControls {
  /** The student of this task alone, with its teacher. */
  single: TaskStudent;
  best: BestOfTask;
  dispose(): void;
}

/** The best small model without a teacher for one task, and how it reads a history of all behaviours. */
export interface BestOfTask extends BestAlone {
  reading: Reader['reading'];
}

/**
 * Tries the small models on the task's own pairs and on those of all behaviours; validation chooses, as everywhere, and the best
 * learns in the end what the student learns.
 */
export async function trainBestOfTask(
  planned: PlannedTasks,
  { search, taught }: { search: LearnedPairs; taught: LearnedPairs },
  task: number,
  fit: Fit,
): Promise<BestOfTask> {
  const { split, settings, run } = planned;
  const { name } = settings.tasks[task]!;
  const draws = run.rng.fork(`validation-${name}`);
  const validation = createValidation(
    split[task]!.split,
    settings.patience,
    draws,
    split[task]!.unlisted ?? {},
    validationHistories(planned, task),
  );
  const readings = readingsOf(search.own[task]!);
  const trainReading = async (reading: Reader['reading'], part: Fit): Promise<BestOfTask> => {
    const lesson = {
      ...{ train: readAs(search, task, reading), learned: readAs(taught, task, reading) },
      student: settings.student,
      validation: validation && readingValidation(validation, readings[reading]),
    };
    return { ...(await trainBestAlone(lesson, part)), reading };
  };
  if (!validation) return trainReading('own', fit);
  const ofOwn = await trainReading('own', partOf(fit, 0, 0.5));
  const ofAll = await trainReading('all', partOf(fit, 0.5, 1));
  const best = highest(ofAll) > highest(ofOwn) ? ofAll : ofOwn;
  return { ...best, tried: [...ofOwn.tried, ...ofAll.tried] };
}

function highest({ tried }: BestAlone): number {
  return Math.max(...tried.map(({ metric }) => metric ?? 0));
}

/** @param known see LearnedPairs */
export function bestOfTaskEntry(best: BestOfTask, known: LearnedPairs['known'][number]): Entry {
  const { ranker, ...facts } = bestAloneEntry(best);
  const read = readingsOf(known)[best.reading];
  return {
    ...facts,
    description: `${facts.description}, from ${best.reading === 'own' ? 'this behaviour' : 'all behaviours'}`,
    ranker: {
      ...ranker,
      scores: (histories) => ranker.scores(read(histories)),
      recommendOne: (history, k) => ranker.recommendOne(read(history), k),
    },
  };
}
