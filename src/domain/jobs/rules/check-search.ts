import { learnsSets } from '../../tasks/labels-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { MOST_POINTS } from '../search-spec.ts';

/** First contradiction in a search that its schema cannot find, named by its field, or null. */
export function searchProblem(spec: DistillationSpec): string | null {
  const { search } = spec;
  if (!search) return null;
  return listProblem(search) ?? studentProblem(spec) ?? taskProblem(spec);
}

function listProblem({
  bytes = [],
  dimensions = [],
  quantization = [],
}: NonNullable<DistillationSpec['search']>): string | null {
  for (const [name, values] of Object.entries({ bytes, dimensions, quantization })) {
    const twice = values.find((value: string | number, i: number) =>
      (values as unknown[]).includes(value, i + 1),
    );
    if (twice !== undefined) return `search.${name} has ${twice} twice; name each value once`;
  }
  const points = Math.max(1, bytes.length + dimensions.length) * Math.max(1, quantization.length);
  if (points < 2) {
    return 'search has one point; give at least two values in bytes, dimensions or quantization, or use student';
  }
  if (points <= MOST_POINTS) return null;
  return `search has ${points} points (the values of bytes and dimensions, times those of quantization); at most ${MOST_POINTS} are tried, so leave some out`;
}

function studentProblem({ search, student, publish }: DistillationSpec): string | null {
  for (const name of ['dimensions', 'mostBytes', 'quantization'] as const) {
    if (student?.[name] === undefined) continue;
    const list = name === 'mostBytes' ? 'bytes' : name;
    if (name === 'quantization' && !search!.quantization) continue;
    return `student.${name} is what the search tries; leave it out, or put it into search.${list}`;
  }
  if (search!.latency === undefined || publish?.gate !== 'off') return null;
  return 'search.latency is kept by the gate, and publish.gate is off; leave out one of them';
}

function taskProblem(spec: DistillationSpec): string | null {
  const { search, task } = spec;
  const ranks = task !== 'rating' && (task !== 'multi-label' || learnsSets(spec));
  if (ranks) return null;
  for (const name of ['bytes', 'quantization', 'latency'] as const) {
    if (search![name] === undefined) continue;
    return `search.${name} is for tasks that rank items; the task ${task} has search.dimensions alone`;
  }
  return null;
}
