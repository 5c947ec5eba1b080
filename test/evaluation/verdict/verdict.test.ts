import { describe, expect, it } from 'vitest';
import { headlineOf } from '../../../src/evaluation/verdict/headline.ts';
import { verdictOf } from '../../../src/evaluation/verdict/verdict.ts';
import { about, figuresOf, modelOf } from './figures.ts';

const METRIC = 'ndcg@10';
const resultsOf = (figures: ReturnType<typeof figuresOf>) =>
  Object.fromEntries(verdictOf(figures, METRIC).findings.map(({ about: name, result }) => [name, result]));

describe('the verdict', () => {
  it('tells who is better, equal or worse by the intervals, in one paragraph', () => {
    const verdict = verdictOf(figuresOf(), METRIC);
    expect(verdict.text).toBe(
      "Over the test users the student's NDCG@10 is 0.2900 (0.2800 to 0.3000); its teacher's is 0.3000, of which it keeps 96.7 % (95.7 % to 97.7 %). The student is worse than its teacher: -0.0100 NDCG@10 (-0.0150 to -0.0050). The student is better than the same student without a teacher: +0.0400 NDCG@10 (+0.0300 to +0.0500). The student is better than popularity: +0.1900 NDCG@10 (+0.1800 to +0.2000). To try: Nothing stands out. A lower student.dimensions may keep as much.",
    );
    expect(resultsOf(figuresOf())).toEqual({
      teacher: 'worse',
      'student-alone': 'better',
      popularity: 'better',
    });
    // Whatever is found is told.
    for (const { text } of verdict.findings) expect(verdict.text).toContain(text);
  });

  it('says whom the comparisons are over where the headline is over a few of them', () => {
    const history = (kind: 'taught' | 'newer', users: number) => ({
      ...{ history: kind, users, retained: {} },
      models: users > 0 ? figuresOf().models.slice(0, 2) : [],
    });
    const textOf = (taught: number, newer: number) =>
      verdictOf(figuresOf({}, { histories: [history('taught', taught), history('newer', newer)] }), METRIC)
        .text;
    expect(textOf(90, 30)).toMatch(
      /^Over users whose .* learned from them, the student's .* What follows is over all test users that the student knows\. The student is/,
    );
    expect(textOf(90, 0)).not.toMatch(/What follows/);
    expect(textOf(0, 30)).not.toMatch(/What follows/);
  });

  it('speaks of items where these have the labels', () => {
    const models = figuresOf().models.slice(0, 2);
    const unseen = { history: 'unseen' as const, users: 40, models, retained: {} };
    const labels = { of: 'items' as const, from: 'categories', each: [], leftOut: [] };
    expect(verdictOf({ ...figuresOf({}, { histories: [unseen] }), labels }, METRIC).text).toMatch(
      /^Over items that the student has never seen, the student's/,
    );
  });

  it.each([
    ['equal', about(0.005)],
    ['worse', about(-0.02)],
    ['better', about(0.02)],
    // An interval that ends at 0 holds it.
    ['equal', { value: 0.01, low: 0, high: 0.02 }],
  ] as const)('is %s than a control where the interval says so', (result, gain) => {
    const verdict = verdictOf(figuresOf({ gainOverAlone: { [METRIC]: gain } }), METRIC);
    expect(verdict.findings.find(({ about: name }) => name === 'student-alone')!.result).toBe(result);
    expect(verdict.advice.some((one) => one.includes('distillation.losses'))).toBe(result !== 'better');
  });

  it('names the better control and the live version', () => {
    const { models } = figuresOf();
    const more = [modelOf('best-alone', { [METRIC]: 0.27 }), modelOf('live', { [METRIC]: 0.31 })];
    const figures = figuresOf({ gainOverLive: { [METRIC]: about(-0.02) } }, { models: [...models, ...more] });
    expect(resultsOf(figures)).toMatchObject({ 'best-alone': 'better', live: 'worse' });
    expect(resultsOf(figures)).not.toHaveProperty('student-alone');
    expect(verdictOf(figures, METRIC).text).toMatch(/Keep the version that is live now in service/);
  });

  it('names a live version by its number, and tells to keep it where it is better', () => {
    const { models } = figuresOf();
    const over = { users: 40, pairs: 60, student: {} };
    const live = { ...modelOf('live', { [METRIC]: 0.31 }), version: 3, over };
    const worse = figuresOf({ gainOverLive: { [METRIC]: about(-0.02) } }, { models: [...models, live] });
    const { text, advice } = verdictOf(worse, METRIC);
    expect(text).toContain(
      'The student is worse than version 3, which is live now: -0.0200 NDCG@10 (-0.0300 to -0.0100), over the part of the test that it has not learned from.',
    );
    expect(advice).toContain(
      'Keep version 3, which is live now, in service: point the alias back to version 3, and publish with another alias (publish.alias) until a student is no worse.',
    );
    const equal = figuresOf({ gainOverLive: { [METRIC]: about(0) } }, { models: [...models, live] });
    expect(verdictOf(equal, METRIC).advice.join()).not.toContain('Keep version');
  });

  it('turns errors round: less is better', () => {
    const models = (['teacher', 'student', 'means'] as const).map((name, i) =>
      modelOf(name, { rmse: 0.9 + 0.1 * i }),
    );
    const figures = figuresOf(
      {
        retained: { rmse: about(0.9) },
        gainOverTeacher: { rmse: about(-0.1) },
        gainOverBaseline: { rmse: about(0.1) },
      },
      { models },
    );
    const verdict = verdictOf(figures, 'rmse');
    expect(verdict.text).toContain(
      "its teacher's is 0.9000, which is 90.0 % (89.0 % to 91.0 %) of the student's.",
    );
    expect(verdict.text).toContain(
      'The student is worse than its teacher: +0.1000 RMSE (+0.0900 to +0.1100), where less is better.',
    );
    expect(verdict.text).toContain(
      'The student is better than the means of items and users: -0.1000 RMSE (-0.1100 to -0.0900), where less is better.',
    );
    expect(headlineOf(figures, 'rmse')).toMatchObject({ better: 'lower', retained: { value: 0.9 } });
  });

  it('tells what was lost: tail items, coverage, users that were never seen, rounding', () => {
    const { models } = figuresOf();
    const student = {
      ...models[1]!,
      coverage: { 'coverage@10': 0.3, 'coverage@50': 0.9 },
      segments: [{ segment: 'items:tail', count: 50, metrics: { 'recall@50': 0.05 } }],
    };
    const unseen = {
      history: 'unseen' as const,
      users: 40,
      models: models.slice(0, 2),
      retained: { [METRIC]: about(0.7) },
    };
    const figures = figuresOf(
      { keptByRounding: { [METRIC]: about(0.9) } },
      { models: [models[0]!, student, ...models.slice(2)], histories: [unseen] },
    );
    const { lost, advice, text } = verdictOf(figures, METRIC);
    expect(lost.map(({ about: what, metric, student: own, before }) => [what, metric, own, before])).toEqual([
      ['tail', 'recall@50', 0.05, 0.1],
      ['coverage', 'coverage@10', 0.3, 0.4],
      ['unseen', METRIC, 0.7, 0.967],
      ['rounding', METRIC, 0.29, 0.29],
    ]);
    for (const one of lost) expect(text).toContain(one.text);
    expect(advice.join(' ')).toMatch(/quantizationAware.*dropout.*rare items/);
    expect(verdictOf(figuresOf(), METRIC).lost).toEqual([]);
  });

  it('tells of no loss that the intervals do not show', () => {
    const wide = (value: number) => ({ value, low: value - 0.3, high: value + 0.3 });
    const unseen = {
      ...{ history: 'unseen' as const, users: 40, models: figuresOf().models.slice(0, 2) },
      retained: { [METRIC]: wide(0.7) },
    };
    const figures = figuresOf({ keptByRounding: { [METRIC]: wide(0.9) } }, { histories: [unseen] });
    expect(verdictOf(figures, METRIC).lost).toEqual([]);
  });

  it('blames the teacher where it is no better than the baseline, and else the distillation', () => {
    const lost = { gainOverBaseline: { [METRIC]: about(-0.05) } };
    const bad = verdictOf(figuresOf({ ...lost, teacherOverBaseline: { [METRIC]: about(-0.04) } }), METRIC);
    expect(bad.advice[0]).toMatch(/^Take another teacher: this one is not better than popularity/);
    expect(verdictOf(figuresOf(lost), METRIC).advice[0]).toMatch(/^Raise distillation.epochs/);
  });

  it('of several tasks tells of each', () => {
    const table = (task: string, gain: number) => ({
      ...figuresOf({ gainOverAlone: { [METRIC]: about(gain) } }),
      ...{ task, types: [task], weight: 1 },
    });
    const tasks = [table('buy', 0.04), table('view', -0.04)];
    const { text, findings } = verdictOf({ ...figuresOf(), tasks }, METRIC);
    expect(text).toMatch(/^Task buy: .* Task view: /);
    expect(findings.filter(({ about: name }) => name === 'student-alone')).toMatchObject([
      { task: 'buy', result: 'better' },
      { task: 'view', result: 'worse' },
    ]);
  });

  it('says where nothing was measured', () => {
    expect(verdictOf(figuresOf({}, { models: [] }), METRIC)).toEqual({
      text: 'Nothing was measured.',
      findings: [],
      lost: [],
      advice: [],
    });
  });
});

describe('the headline', () => {
  const history = (kind: 'taught' | 'newer' | 'unseen', users: number, value: number) => ({
    history: kind,
    users,
    models: [modelOf('teacher', { [METRIC]: 1 }), modelOf('student', { [METRIC]: value })],
    retained: { [METRIC]: about(value) },
  });
  const headline = (...histories: ReturnType<typeof history>[]) =>
    headlineOf(figuresOf({}, { histories }), METRIC);

  it('is taken from the histories that tell most of users to come', () => {
    const [taught, newer, unseen] = [
      history('taught', 90, 0.9),
      history('newer', 30, 0.7),
      history('unseen', 10, 0.6),
    ];
    expect(headline(taught, newer, unseen)).toMatchObject({
      history: 'newer',
      student: { value: 0.7 },
      retained: { value: 0.7 },
      overlap: { value: 0.6 },
    });
    expect(headline(taught, { ...newer, users: 0 }, unseen)).toMatchObject({ history: 'unseen' });
    expect(headline(taught)).toMatchObject({ history: 'taught', student: { value: 0.9 } });
    expect(headline()).toMatchObject({ history: 'known', student: { value: 0.29 }, better: 'higher' });
  });

  it('has no share of nothing', () => {
    expect(headlineOf(figuresOf({ retained: {} }), METRIC)).not.toHaveProperty('retained');
  });
});
