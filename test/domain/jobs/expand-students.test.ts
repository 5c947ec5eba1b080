import { expect, it } from 'vitest';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import { expandStudents, studentsProblem } from '../../../src/domain/jobs/expand-students.ts';

const search = (
  of: NonNullable<DistillationSpec['search']>,
  more: Partial<DistillationSpec> = {},
): DistillationSpec => ({ model: 'm', search: of, ...more });

it('makes a student of each point of a search, the widest first, and keeps its limits in the gate', () => {
  const specs = expandStudents(
    search(
      { dimensions: [8, 32], bytes: [5000], quantization: ['int8', 'int4'], latency: 250 },
      { student: { kind: 'fold-in', tied: true }, publish: { gate: ['coverage >= .1'] } },
    ),
  );
  expect(specs.map(({ student }) => student)).toEqual([
    { kind: 'fold-in', tied: true, dimensions: 32, quantization: 'int8' },
    { kind: 'fold-in', tied: true, dimensions: 32, quantization: 'int4' },
    { kind: 'fold-in', tied: true, dimensions: 8, quantization: 'int8' },
    { kind: 'fold-in', tied: true, dimensions: 8, quantization: 'int4' },
    { kind: 'fold-in', tied: true, mostBytes: 5000, quantization: 'int8' },
    { kind: 'fold-in', tied: true, mostBytes: 5000, quantization: 'int4' },
  ]);
  expect(specs[0]!.publish).toEqual({ choose: 'knee', place: 1, gate: ['coverage >= .1', 'p50 <= 250 us'] });
  expect(specs[5]!.publish).toEqual({
    choose: 'knee',
    place: 6,
    gate: ['coverage >= .1', { metric: 'bytes', atMost: 5000 }, 'p50 <= 250 us'],
  });
});

it('takes the kind of student that the task has, and the choice that the job names', () => {
  const [first] = expandStudents(
    search({ dimensions: [8, 16] }, { task: 'sequential', publish: { choose: 'best', gate: 'off' } }),
  );
  expect(first).toMatchObject({
    student: { kind: 'sequential', dimensions: 16 },
    publish: { choose: 'best', gate: 'off', place: 1 },
  });
  expect(studentsProblem(search({ dimensions: [8, 16] }, { task: 'rating' }))).toBeNull();
});

it.each([
  [search({ dimensions: [8] }), /^search has one point/],
  [search({ latency: 10 }), /^search has one point/],
  [search({ dimensions: [8, 8] }), /^search\.dimensions has 8 twice/],
  [search({ quantization: ['int4', 'int4'] }), /^search\.quantization has int4 twice/],
  [
    search({ dimensions: Array.from({ length: 17 }, (_, i) => i + 1), quantization: ['int8', 'int4'] }),
    /^search has 34 points .* at most 32/,
  ],
  [
    search({ dimensions: [8, 16] }, { student: { kind: 'fold-in', dimensions: 4 } }),
    /^student\.dimensions is what the search tries; .* search\.dimensions/,
  ],
  [
    search({ bytes: [1e5, 2e5] }, { student: { kind: 'fold-in', mostBytes: 4 } }),
    /^student\.mostBytes .* search\.bytes/,
  ],
  [
    search({ quantization: ['int8', 'int4'] }, { student: { kind: 'fold-in', quantization: 'pq' } }),
    /^student\.quantization .* search\.quantization/,
  ],
  [
    search({ dimensions: [8, 16], latency: 5 }, { publish: { gate: 'off' } }),
    /^search\.latency is kept by the gate, and publish\.gate is off/,
  ],
  [search({ bytes: [1e5, 2e5] }, { task: 'rating' }), /^search\.bytes is for tasks that rank items/],
  [
    search({ dimensions: [8, 16], latency: 5 }, { task: 'rating' }),
    /^search\.latency is for tasks that rank items/,
  ],
  [search({ dimensions: [8, 16] }, { students: [] }), /^students and search exclude each other/],
  [search({ dimensions: [8, 16] }, { publish: { alias: 'a'.repeat(61) } }), /at most 60 .* with search/],
  [search({ dimensions: [7, 8] }, { task: 'sequential' }), /^search\.dimensions: 7 must be a multiple/],
])('finds the contradiction in %j', (spec, expected) => {
  expect(studentsProblem(spec)).toMatch(expected);
});
