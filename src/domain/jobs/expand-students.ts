import type { StudentSpec } from '../students/student-spec.ts';
import { DEFAULT_STUDENTS } from './complete-distillation.ts';
import type { DistillationSpec } from './distillation-spec.ts';
import { distillationProblem } from './rules/check-distillation.ts';
import { searchProblem } from './rules/check-search.ts';

type Publish = NonNullable<DistillationSpec['publish']>;

/**
 * One spec per student of the list or of the search, all with the same teacher. Each takes the alias with its place, and of those
 * that pass the gate one takes the alias itself (`releases/choose-student.ts`).
 */
export function expandStudents(whole: DistillationSpec): DistillationSpec[] {
  const { students, ...spec } = whole;
  if (spec.search) return expandSearch(spec);
  if (!students) return [spec];
  if (students.length === 1) return [{ ...spec, student: students[0]! }];
  return students.map((student, i) => ({ ...spec, student, publish: { ...spec.publish, place: i + 1 } }));
}

/** One spec per point of the search, the widest first: the first one trains the teacher, and is live the soonest. */
function expandSearch(spec: DistillationSpec): DistillationSpec[] {
  const { search, publish = {} } = spec;
  return studentsOfSearch(spec).map((student, i) => ({
    ...spec,
    student,
    publish: {
      choose: 'knee',
      ...publish,
      ...limitsOf(publish, student.mostBytes, search!.latency),
      place: i + 1,
    },
  }));
}

function studentsOfSearch({ task = 'single-label', student, search }: DistillationSpec): StudentSpec[] {
  const { dimensions = [], bytes = [], quantization = [undefined] } = search!;
  const widest = (values: readonly number[]) => values.toSorted((a, b) => b - a);
  const sizes: Partial<StudentSpec>[] = [
    ...widest(dimensions).map((one) => ({ dimensions: one })),
    ...widest(bytes).map((one) => ({ mostBytes: one })),
  ];
  const base = { kind: DEFAULT_STUDENTS[task], ...student };
  return (sizes.length > 0 ? sizes : [{}]).flatMap((size) =>
    quantization.map((one) => ({ ...base, ...size, ...(one && { quantization: one }) })),
  );
}

/** The limits of a search as rules of the gate, so that a point that does not keep them stays a candidate. */
function limitsOf({ gate }: Publish, mostBytes?: number, latency?: number): Pick<Publish, 'gate'> {
  if (gate === 'off' || (mostBytes === undefined && latency === undefined)) return {};
  return {
    gate: [
      ...(gate ?? []),
      ...(mostBytes === undefined ? [] : [{ metric: 'bytes', atMost: mostBytes }]),
      ...(latency === undefined ? [] : [`p50 <= ${latency} us`]),
    ],
  };
}

/** Leaves room for the place. */
const LONGEST_ALIAS = 60;

/** The first contradiction in the list or in one of its jobs, or null. */
export function studentsProblem(spec: DistillationSpec): string | null {
  const several = spec.students ? 'students' : spec.search && 'search';
  if (spec.students && spec.search) return 'students and search exclude each other; send one of them';
  if (spec.students && spec.student) return 'student and students exclude each other; send one of them';
  if (several && (spec.publish?.alias ?? '').length > LONGEST_ALIAS) {
    return `publish.alias may have at most ${LONGEST_ALIAS} characters with ${several}, whose places are put behind it`;
  }
  const wrong = searchProblem(spec);
  if (wrong) return wrong;
  for (const [i, one] of expandStudents(spec).entries()) {
    const wrong = distillationProblem(one);
    if (!wrong) continue;
    if (spec.students) return wrong.replace(/^student\b/, `students[${i}]`);
    return spec.search ? wrong.replace(/^student\.(dimensions|quantization)\b/, 'search.$1:') : wrong;
  }
  return null;
}
