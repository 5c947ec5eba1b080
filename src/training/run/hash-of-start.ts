import { hashOf, hashOfColumns } from '../../core/hash.ts';
import type { ChosenTeacher } from '../../teacher/registry.ts';
import type { NamedValues } from '../../tensor/train/named-values.ts';

/** Hash of the weights that a refit starts from: a checkpoint of one with other weights is not gone on from. */
export function hashOfStart(teacher: ChosenTeacher | undefined, student: NamedValues): string {
  return hashOf(...(teacher ? weightsOf(teacher) : []).map(hashOfValues), hashOfValues(student));
}

function weightsOf({ weights, members }: ChosenTeacher): NamedValues[] {
  return [...(weights ? [weights] : []), ...members.flatMap(({ chosen }) => weightsOf(chosen))];
}

export function hashOfValues(named: NamedValues): string {
  const entries = Object.entries(named);
  const shapes = entries.map(([name, { shape }]) => `${name} ${shape}`);
  return hashOfColumns(
    shapes.join(),
    entries.map(([, { values }]) => values),
  );
}
