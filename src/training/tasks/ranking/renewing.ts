import type { Csr } from '../../../dataset/matrix.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import type { Run } from '../../run/run.ts';
import { learnedBefore } from '../../teachers/renewal.ts';
import type { PreparedRanking } from './prepare.ts';
import { compareRenewed, MARGIN, type RenewedVerdict, renewedStart } from './renewed.ts';

/** Thrown where a renewed teacher is no good, so that the whole search is done again. */
class SearchAgain extends Error {}

/**
 * A job that renews a version, or any other, which this changes nothing of: the plan that holds, the version's until its renewed
 * teacher turns out to be worse than the version was, and that of a job without a version from then on.
 */
export function createRenewing(run: Pick<Run, 'warn'>, planned: PreparedRanking) {
  const { renewed, found, validation } = planned;
  const { renewal, stored } = found;
  let verdict: RenewedVerdict | undefined;
  const stands = () => renewed !== undefined && !renewed.isStale && !verdict?.searchedAgain;
  if (renewed?.isStale) {
    run.warn(
      `What version ${stored!.settings.version} of ${stored!.settings.model} had chosen was chosen on ${renewed.before.pairs} pairs, less than two thirds of today's: teacher and student are searched for again, as in a job without teacher.part`,
    );
  }

  function current(): PreparedRanking {
    if (!renewed || stands()) return planned;
    const { renewed: _, ...rest } = planned;
    const { renewal: __, ...others } = found;
    return { ...rest, ...renewed.whole, found: others };
  }

  return {
    /** The plan that holds. */
    current,

    /** Judges a renewed teacher once. @throws what `orAgain` catches */
    async compare(teacher: Teacher): Promise<void> {
      if (!renewed || !stands() || verdict) return;
      verdict = await compareRenewed(teacher, stored!, renewal!, validation);
      if (verdict.searchedAgain) throw new SearchAgain();
    },

    /** Makes a teacher, and once more by the other plan where `compare` found the renewed one too weak. */
    async orAgain<T>(teach: () => Promise<T>): Promise<T> {
      try {
        return await teach();
      } catch (error) {
        if (!(error instanceof SearchAgain)) throw error;
        const { teacher, previous } = verdict!;
        const { model, version } = stored!.settings;
        run.warn(
          `On validation the renewed teacher of version ${version} of ${model} has NDCG@10 ${teacher!.toFixed(4)} and that version itself ${previous!.toFixed(4)}, more than ${100 * MARGIN} % better: teacher and student were searched for again, as in a job without teacher.part`,
        );
        return teach();
      }
    },

    /** The published student as a start, with what it had learned from. */
    start(histories: Csr) {
      if (!renewed || !stands()) return {};
      const again = renewedStart(renewed, renewal!, histories);
      return again && { again, learnedBefore: learnedBefore(renewal!) };
    },

    /** The part of the report that says what was taken over. */
    report() {
      if (!renewed) return undefined;
      const { kind: _, part: __, ...from } = stored!.settings;
      return {
        from,
        takenOver: stands(),
        ...(stands() && { searched: renewed.before }),
        studentStartsFrom: stands() && renewed.student ? 'the published student' : 'anew',
        ...(verdict && { validation: verdict }),
        ...(stands() && {
          controls: `not trained again: those of the report of version ${from.version} or of the one that it renewed`,
        }),
      };
    },
  };
}
