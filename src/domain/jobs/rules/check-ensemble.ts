import { lossOf } from '../../losses/loss-spec.ts';
import { COMBINE_OPTIONS, type MemberSpec } from '../../teachers/several/ensemble.ts';
import { SINGLE_KINDS, type SingleSpec, withKind } from '../../teachers/single.ts';
import { type EnsembleSpec, type TeacherSpec, traitsOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/**
 * The first contradiction in an ensemble by itself, named by its field, or null.
 * @param checkMember the first contradiction in a teacher, with `teacher.` before its field
 */
export function ensembleProblem(
  teacher: TeacherSpec,
  checkMember: (member: SingleSpec) => string | null,
): string | null {
  if (teacher.kind !== 'ensemble') return null;
  const { members } = teacher;
  if (members.length < 2) {
    return `teacher.members must name at least two teachers; got ${members.length}. One alone is the teacher itself, without an ensemble`;
  }
  return (
    membersProblem(members, checkMember) ??
    weightsProblem(teacher.weights, members) ??
    combineProblem(teacher, members)
  );
}

function membersProblem(
  members: readonly MemberSpec[],
  checkMember: (member: SingleSpec) => string | null,
): string | null {
  for (const [i, { weight: _, ...member }] of members.entries()) {
    const wrong = checkMember(member);
    if (wrong) return wrong.replaceAll('teacher.', `teacher.members[${i}].`);
  }
  return null;
}

function weightsProblem(how: EnsembleSpec['weights'], members: readonly MemberSpec[]): string | null {
  if (how === 'validation') {
    const given = members.findIndex(({ weight }) => weight !== undefined);
    if (given < 0) return null;
    return `teacher.members[${given}].weight and teacher.weights validation exclude each other; leave one out`;
  }
  const negative = members.findIndex(({ weight = 1 }) => weight < 0);
  if (negative >= 0) {
    return `teacher.members[${negative}].weight must be >= 0; got ${members[negative]!.weight}`;
  }
  if (members.some(({ weight = 1 }) => weight > 0)) return null;
  return 'teacher.members must have a weight > 0 in at least one member; their weights sum to zero';
}

function combineProblem(teacher: EnsembleSpec, members: readonly MemberSpec[]): string | null {
  const { combine = 'average' } = teacher;
  for (const { option, by } of COMBINE_OPTIONS) {
    if (teacher[option] === undefined || (by as readonly string[]).includes(combine)) continue;
    return `teacher.${option} belongs to combine ${by.join(' and ')}; leave it out for combine ${combine}`;
  }
  const known = members.map(withKind);
  if (combine !== 'curriculum' || known.some((member) => traitsOf(member).inEpochs)) return null;
  return `teacher.combine curriculum needs a member that is trained in epochs, which has been through something: ${kindsInEpochs()}; with ${known.map(({ kind }) => kind).join(', ')} use rank-fusion`;
}

/** Lists the kinds that are trained in epochs in words, as in: softmax, matrix-factorization with objective bpr. */
function kindsInEpochs(): string {
  return SINGLE_KINDS.flatMap(({ kind, task, inEpochs, variants }) => {
    if (inEpochs) return task === 'multi-label' ? [] : [kind];
    const some = Object.entries(variants?.of ?? {}).filter(([, variant]) => variant.inEpochs);
    return some.map(([name]) => `${kind} with ${variants!.by} ${name}`);
  }).join(', ');
}

/** Returns the first part of a job that does not go with its ensemble, named by its field, or null. */
export function ensembleJobProblem({
  teacher,
  distillation,
  publish,
  tasks,
}: DistillationSpec): string | null {
  if (teacher?.kind !== 'ensemble') return null;
  const { transfer, losses = [] } = distillation ?? {};
  if (transfer === 'copy' || transfer === 'neurons') {
    return `distillation.transfer ${transfer} takes the layers of one teacher, and an ensemble has several; use svd or none`;
  }
  const external = teacher.members.find((member) => member.kind === 'external');
  if (publish?.teacher === true && external) {
    return `publish.teacher true cannot store the imported lists of ${external.name}, which are known by the users of this data; leave it out, or leave out that member`;
  }
  if (teacher.combine !== 'curriculum') return null;
  if (tasks) return 'teacher.combine curriculum does not go with tasks; use rank-fusion';
  const at = losses.findIndex(({ kind }) => !lossOf(kind).followsCurriculum);
  if (at >= 0) {
    return `distillation.losses[${at}].kind ${losses[at]!.kind} does not follow teacher.combine curriculum, whose lists change while the student learns; use rankLabels or rrd, or combine rank-fusion`;
  }
  if (losses.length === 0 || losses.some(({ kind }) => lossOf(kind).learnsFrom !== 'data')) return null;
  return 'distillation.losses must have rankLabels or rrd for teacher.combine curriculum: hardLabels alone learn from no teacher';
}
