import { type TObject, Type } from 'typebox';
import { problem } from '../core/errors.ts';
import { Id, idProblem } from '../domain/base/id.ts';

export const UserParams = Type.Object({ userId: Id });
export const ItemParams = Type.Object({ itemId: Id });
export const JobParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, examples: ['job_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
}) satisfies TObject;
export const ScheduleParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, examples: ['sch_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
}) satisfies TObject;

/** What a schema cannot say: bytes instead of characters, no NUL, no broken Unicode. */
export function checkedId(field: string, id: string): string {
  const wrong = idProblem(field, id);
  if (wrong) throw problem('invalid-id', `${wrong}.`);
  return id;
}
