import type { CurriculumReport } from '../../../distillation/lists/curriculum.ts';
import type { EnsembleReport } from '../../../domain/reports/ensemble-report.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import { combiningOf } from '../../../teacher/several/ensemble.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import type { RankingTeacher } from '../../teachers/teacher-setup.ts';
import type { Assessment } from './assess.ts';

/**
 * Reports each teacher of an ensemble and its part in it. The parts are not measured for an ensemble that 'auto' settled on or
 * that is stored with a version.
 */
export function ensembleReport(
  { teacher, ensemble }: Pick<RankingTeacher, 'teacher'> & { ensemble?: RankingTeacher['ensemble'] },
  found: FoundTeacher,
  assessed: Assessment['members'],
  curriculum?: CurriculumReport,
): EnsembleReport | undefined {
  const { members } = teacher;
  if (!members) return undefined;
  const metric = ensemble?.metric ?? null;
  return {
    combine: combiningOf(teacher).combine,
    weights: ensemble?.weights ?? 'given',
    validation: metric === null ? null : { 'ndcg@10': metric },
    members: assessed.map(({ description, metrics, fidelity, parameters, bytes }, i) => {
      const coverage = found.members?.[i]?.imported?.coverage;
      return {
        kind: kindOf(members[i]!.teacher, found.members?.[i]),
        description,
        share: members[i]!.share,
        lossWithoutIt: ensemble?.losses[i] ?? null,
        metrics,
        agreement: fidelity,
        parameters,
        bytes,
        ...(coverage && { coverage }),
      };
    }),
    ...(curriculum && { curriculum }),
  };
}

/** Returns the kind of a member as a job names it. */
function kindOf({ kind }: Teacher, found: FoundTeacher | undefined): string {
  return found?.stored ? 'stored' : kind;
}
