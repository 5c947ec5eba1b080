import { type TObject, Type } from 'typebox';
import { problem } from '../core/errors.ts';
import { Id, idProblem } from '../domain/base/id.ts';

export const UserParams = Type.Object({ userId: Id });
export const ItemParams = Type.Object({ itemId: { ...Id, examples: ['film-7'] } });
export const JobParams = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The id of the job.',
    examples: ['job_01kq3v5yqk8r7m2d9xw4t6b1ce'],
  }),
}) satisfies TObject;
export const ScheduleParams = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'The id of the schedule.',
    examples: ['sch_01kq3v5yqk8r7m2d9xw4t6b1ce'],
  }),
}) satisfies TObject;

/** Any text: a name that cannot exist is a model that is not there, 404 and not 400. */
export const ModelParams = Type.Object({
  name: Type.String({ description: "The model's name, as the job said it.", examples: ['movies'] }),
}) satisfies TObject;
export const VersionParams = Type.Object({
  ...ModelParams.properties,
  version: Type.Integer({
    minimum: 1,
    maximum: 2_147_483_647,
    description: 'Versions of a model are counted from 1.',
    examples: [4],
  }),
}) satisfies TObject;

/** Checks what a schema cannot say of an id: its length in bytes, no NUL, no broken Unicode. @throws problem('invalid-id') */
export function checkedId(field: string, id: string): string {
  const wrong = idProblem(field, id);
  if (wrong) throw problem('invalid-id', `${wrong}.`);
  return id;
}
