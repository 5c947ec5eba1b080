import type { LearnedFile } from '../../../artifact/learned.ts';
import type { Dataset } from '../../../dataset/build.ts';
import { type Csr, columnSums, widened } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { newestOf } from '../../../dataset/newest-rows.ts';
import { faded } from '../../../dataset/split/newest.ts';
import type { TrainingContext, WarmStart } from '../../../teacher/contract.ts';
import { hashOfStart } from '../../run/hash-of-start.ts';
import { packScored } from '../../run/pack.ts';
import { listsOf, probeHistories } from '../../run/probe-lists.ts';
import type { Run } from '../../run/run.ts';
import type { Refit } from '../../task.ts';
import { importedOf, storedOf } from '../../teachers/find-teacher.ts';
import { areWhole, type LearnedNow, learnedPairs } from '../../teachers/learned-before.ts';
import { type obtainTeacher, retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { thatRests } from '../../teachers/resting.ts';
import { chosenOf, type RankingTeacher } from '../../teachers/teacher-setup.ts';
import { asksWhileTraining } from './ask-teacher.ts';
import { thenNewcomersAgain } from './newcomers.ts';
import type { PreparedRanking } from './prepare.ts';
import { withRecency } from './recency.ts';
import { startDistilled, type TrainedStudent } from './train-student.ts';

/** Plans the refit on all pairs, those of held-out users and cold items among them. */
export function refitRanking(
  run: Run,
  prepared: PreparedRanking,
  // `learned` are the pairs [users, items] that the tested teacher knows.
  { identity, setup, learned: before }: { identity: readonly unknown[]; setup: Setup; learned: Csr },
  { teacher: { teacher }, student }: { teacher: RankingTeacher; student: TrainedStudent },
): Refit<RankingTeacher, TrainedStudent> {
  const { data, split, found, settings, weighting, renewed } = prepared;
  const { items, matrix, catalogue, features } = data.whole();
  const learned = { train: matrix, ...(features && { features }), validation: undefined, warn: run.warn };
  const { recency } = split;
  // No items are cold where there is one.
  const fade = (histories: Csr) =>
    faded(histories, { matrix: data.dataset.matrix, ...newestOf(data.dataset) }, recency!);
  const fading = recency === undefined ? {} : { fade };
  const shown = { ...learned, train: data.newest(settings.maxHistory) };
  const listless = data.cold ? undefined : data.dataset.seen?.pairs;
  // All that is disliked by now, of the items that were there before cold ones came last.
  const disliked = data.dataset.disliked && widened(data.dataset.disliked.pairs, items.length);
  const chosen = chosenOf(found, teacher);
  const again: WarmStart = {
    weights: student.values(),
    newItems: findNewItems(matrix, student.weights.popularity),
  };
  const pace = renewed?.student && renewed.refitted;
  const epochs = pace ? settings.distillation.epochs : (student.fit.bestEpoch ?? student.fit.epochs);
  const plan = { ...settings, distillation: { ...settings.distillation, epochs } };
  const from = [...identity, hashOfStart(chosen, again.weights)];
  return {
    identity: from,
    teach: async ({ fit }) =>
      thatRests(
        run,
        found,
        'refit-teacher',
        await retrainTeacher(
          setup({ ...(await fit(from)), ...learned }),
          chosen,
          findNewItems(matrix, columnSums(before)),
        ),
      ),
    async transfer(refitted, fit) {
      const training = await startDistilled(refitted.teacher, plan, {
        ...{ ...fit, ...shown, ...fading, again: { ...again, ...(pace && { pace }) } },
        learnedBefore: student.weights.popularity,
        ...(disliked && { disliked }),
      });
      if (!asksWhileTraining(plan.distillation.losses)) await refitted.rest?.();
      const catalogued = { histories: shown.train, listless, catalogue, items, users: data.said?.users };
      return thenNewcomersAgain(run.spec, catalogued, training, fit, student);
    },
    learned: () =>
      learnedFile(run, prepared, { ...data.dataset, items }, { teacher: matrix, student: matrix }),
    pack: ({ weights }, report, draft) =>
      packScored(
        { weights: withRecency(weights, split), items, weighting, maxHistory: settings.maxHistory },
        report,
        draft,
      ),
    lists: ({ weights }) =>
      listsOf(
        weights,
        probeHistories(recency === undefined ? shown.train : fade(shown.train), run.rng),
        settings.maxHistory,
      ),
  };
}

export function learnedFile(
  { spec }: Run,
  { found, learned }: PreparedRanking,
  ids: Pick<Dataset, 'users' | 'items'>,
  now: LearnedNow,
): LearnedFile {
  return {
    of: 'pairs',
    isWhole: areWhole(storedOf(found), importedOf(spec)),
    sets: [learnedPairs(ids, now, learned)],
  };
}

type Setup = (context: TrainingContext) => Parameters<typeof obtainTeacher>[0];
