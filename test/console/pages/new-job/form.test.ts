import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  pathText,
  shownText,
  typedJson,
  typedList,
  typedNumber,
  valueAt,
  withValue,
} from '../../../../src/console/pages/new-job/body.ts';
import {
  defaultAt,
  problemsAt,
  problemsOfErrors,
  problemsWithin,
} from '../../../../src/console/pages/new-job/plan-notes.ts';
import { bodyFields, type FormField } from '../../../../src/console/pages/new-job/schema.ts';
import { sectionsOf } from '../../../../src/console/pages/new-job/sections.ts';
import type { JobPlan } from '../../../../src/domain/jobs/job-plan.ts';

const document = JSON.parse(
  readFileSync(new URL('../../../../openapi/openapi.json', import.meta.url), 'utf8'),
);
const fields = bodyFields(document, '/jobs');
const named = (name: string, of: readonly FormField[] = fields) => of.find((field) => field.name === name)!;

describe('fields of POST /jobs', () => {
  it('are made of the document: choices, numbers with their range, lists, shapes', () => {
    expect(named('model')).toMatchObject({ kind: 'text', isRequired: true });
    expect(named('task')).toMatchObject({ kind: 'choice', choices: expect.arrayContaining(['sequential']) });
    expect(named('tasks')).toMatchObject({ kind: 'many', of: { kind: 'group' } });
    const distillation = named('distillation');
    if (distillation.kind !== 'group') throw new Error('distillation is no group');
    expect(named('dropout', distillation.fields)).toMatchObject({ kind: 'number', range: '0 to 0.95' });
    expect(named('dislikes', distillation.fields)).toMatchObject({ kind: 'json' });
    expect(named('losses', distillation.fields)).toMatchObject({ kind: 'many', most: 8, of: { by: 'kind' } });
  });

  it('know every kind of teacher, student, loss and split that the document knows', () => {
    const count = (field: FormField) => (field.kind === 'variant' ? field.variants.length : -1);
    const shapes = (name: string): number => document.components.schemas[name].oneOf.length;
    expect(count(named('teacher'))).toBe(shapes('TeacherSpec'));
    expect(count(named('student'))).toBe(shapes('StudentSpec'));
    const dataset = named('dataset');
    const split = dataset.kind === 'group' ? named('split', dataset.fields) : dataset;
    expect(split).toMatchObject({ kind: 'variant', by: 'strategy' });
    expect(count(split)).toBe(shapes('SplitSpec'));
  });

  it('are all in the form, the main ones first', () => {
    const { main, folded } = sectionsOf(fields);
    expect(main.map(({ name }) => name)).toEqual(['model', 'task', 'teacher', 'student']);
    const names = [...main, ...folded.flatMap((section) => section.fields)].map(({ name }) => name);
    expect(names.sort()).toEqual(
      fields
        .map(({ name }) => name)
        .filter((name) => name !== 'type')
        .sort(),
    );
  });
});

describe('the body of a job', () => {
  it('has what was chosen, and nothing of what was taken back', () => {
    const path = ['distillation', 'losses', 1, 'temperature'];
    const body = withValue({ model: 'movies', distillation: { losses: [{ kind: 'rrd' }] } }, path, 2);
    expect(body).toEqual({
      model: 'movies',
      distillation: { losses: [{ kind: 'rrd' }, { temperature: 2 }] },
    });
    expect([pathText(path), valueAt(body, path)]).toEqual(['distillation.losses[1].temperature', 2]);
    const emptied = withValue(body, path, undefined);
    expect(emptied.distillation).toEqual({ losses: [{ kind: 'rrd' }, {}] });
    const none = [0, 0].reduce<Record<string, unknown>>(
      (left) => withValue(left, ['distillation', 'losses', 0], undefined),
      emptied,
    );
    expect(none).toEqual({ model: 'movies' });
  });

  it('takes what was typed, and leaves to the API what is no number', () => {
    expect([typedNumber(' 1e-3 '), typedNumber(''), typedNumber('many')]).toEqual([0.001, undefined, 'many']);
    expect([typedList('10, 20', 'number'), typedList(' , ', 'text')]).toEqual([[10, 20], undefined]);
    expect([typedJson('{"a":1}'), typedJson('auto'), typedJson('')]).toEqual([{ a: 1 }, 'auto', undefined]);
    for (const value of ['auto', { a: [1] }, 2, true]) expect(typedJson(shownText(value))).toEqual(value);
    expect(typedList(shownText([10, 20]), 'number')).toEqual([10, 20]);
  });
});

describe('notes of a plan', () => {
  const plan = {
    spec: { student: { kind: 'fold-in' } },
    settings: { student: { hidden: null, codes: 256 } },
    defaults: [
      { field: 'student.dimensions', value: 64, why: 'A fifth of the items.', decidedBy: 'data' },
      { field: 'teacher', value: { kind: 'auto', budgetSeconds: 37 }, why: 'Best.', decidedBy: 'validation' },
    ],
  } as unknown as JobPlan;

  it('say what a field that is left open becomes, and why', () => {
    expect(defaultAt(plan, ['student', 'dimensions'])).toEqual({
      ...{ text: '64', why: 'A fifth of the items.', by: 'by the data' },
    });
    expect(defaultAt(plan, ['teacher'])?.text).toBe('auto');
    expect(defaultAt(plan, ['student', 'codes'])).toEqual({ text: '256', why: '', by: '' });
    expect(defaultAt(plan, ['student', 'hidden'])).toBeNull();
    expect(defaultAt(null, ['student'])).toBeNull();
  });

  it('put problems at their fields', () => {
    const problems = problemsOfErrors([
      'distillation.losses[0].temperature must be a number > 0; got 0',
      'student.x is not known here',
      'The body is empty',
    ]);
    expect(problems.map(({ field }) => field)).toEqual([
      'distillation.losses[0].temperature',
      'student.x',
      'The',
    ]);
    expect(problemsAt(problems, ['student'])).toEqual([]);
    expect(problemsWithin(problems, ['student'])).toHaveLength(1);
    expect(problemsWithin(problems, ['distillation'])).toHaveLength(1);
  });
});
