import { studentBytes } from '../../../artifact/student/student-bytes.ts';
import { problem } from '../../../core/errors.ts';
import type { StudentSettings } from '../../../student/settings.ts';

/** The most that `student.dimensions` may be. */
const MOST_DIMENSIONS = 1024;

/**
 * Returns the widest student whose weights fit the bytes; what features add to them is not known before they are trained. There are
 * no more dimensions than items, as more can say nothing else.
 * @param planned the student of a width
 * @param heads tasks with a layer of their own
 * @throws problem('invalid-job') where not even the narrowest one fits
 */
export function widestWithin(
  mostBytes: number,
  items: number,
  planned: (dimensions: number) => StudentSettings,
  heads = 0,
): StudentSettings {
  const { encoder } = planned(1);
  const step = encoder?.heads ?? 1;
  const most = Math.max(step, Math.min(MOST_DIMENSIONS, items));
  for (let dimensions = most - (most % step); dimensions >= step; dimensions -= step) {
    const student = planned(dimensions);
    if (studentBytes(student, items, heads) <= mostBytes) return student;
  }
  const narrowest = planned(step);
  const least = studentBytes(narrowest, items, heads);
  const smaller = narrowest.quantization === 'int8' ? ', or quantization int4' : '';
  throw problem(
    'invalid-job',
    `student.mostBytes ${mostBytes} is less than the ${least} bytes of a student of ${step} dimensions for the ${items} items that the data gives; give at least that${smaller}`,
  );
}
