import { describe, expect, it } from 'vitest';
import { type GateRule, readGateRule } from '../../../src/domain/releases/gate-rule.ts';
import type { LiveReport } from '../../../src/domain/reports/live-report.ts';
import type { Report } from '../../../src/domain/reports/report.ts';
import { type JudgedReport, judgeRelease } from '../../../src/evaluation/gate/judge.ts';
import { about, figuresOf, modelOf } from '../verdict/figures.ts';

const HEADLINE = { metric: 'ndcg@10' } as NonNullable<Report['headline']>;
const LIVE: LiveReport = { version: 3, alias: 'stable', notCompared: [] };

function reportOf(
  changed: Parameters<typeof figuresOf>[0] = {},
  more: Partial<JudgedReport> = {},
): JudgedReport {
  return { ...figuresOf(changed), headline: HEADLINE, ...more };
}

/** A report in which the student was set against the version that is live. */
function besideLive(gain: Report['comparison']['retained'][string], changed = {}): JudgedReport {
  const report = reportOf({ gainOverLive: { 'ndcg@10': gain }, ...changed }, { live: LIVE });
  return { ...report, models: [...report.models, { ...modelOf('live', { 'ndcg@10': 0.3 }), version: 3 }] };
}

const outcomes = (report: JudgedReport, rules: GateRule[] = []) =>
  judgeRelease(report, { rules }).rules.map(({ rule, passed }) => [rule, passed]);

describe('the gate', () => {
  it('asks a first version to be above popularity and not below the best control', () => {
    expect(judgeRelease(reportOf(), { rules: [] })).toMatchObject({
      comparedWith: null,
      foundUnder: null,
      merit: 0.29,
      rules: [
        { rule: 'baseline', passed: true, value: 0.19, limit: 0 },
        { rule: 'control', passed: true, value: 0.04, limit: -0.005 },
      ],
    });
  });

  it('names no task where the job has one', () => {
    const { rules } = judgeRelease({ ...reportOf(), task: 'rating' } as JudgedReport, { rules: [] });
    for (const rule of rules) expect(rule).not.toHaveProperty('task');
  });

  it('lets a first version through that is not worse than popularity for certain, and no later one', () => {
    const doubtful = {
      gainOverBaseline: { 'ndcg@10': about(-0.001) },
      gainOverAlone: { 'ndcg@10': about(-0.009) },
    };
    expect(outcomes(reportOf(doubtful))).toEqual([
      ['baseline', true],
      ['control', true],
    ]);
    expect(outcomes(besideLive(about(0), doubtful))).toEqual([
      ['live', true],
      ['baseline', false],
      ['control', false],
    ]);
  });

  it('refuses what is worse than popularity or a control for certain, with both values and a sentence', () => {
    const bad = { gainOverBaseline: { 'ndcg@10': about(-0.05) }, gainOverAlone: { 'ndcg@10': about(-0.06) } };
    const { rules } = judgeRelease(reportOf(bad), { rules: [] });
    // Without the student popularity would answer, and no control.
    expect(rules.map(({ passed }) => passed)).toEqual([false, true]);
    expect(rules[1]!.text).toContain(
      'the interval is below 0, but nothing else is there to answer than popularity',
    );
    expect(outcomes(besideLive(about(0), bad))).toEqual([
      ['live', true],
      ['baseline', false],
      ['control', false],
    ]);
    const strict = judgeRelease(reportOf(bad), { rules: [], undecided: 'refuse' });
    expect(strict.rules.map(({ passed }) => passed)).toEqual([false, false]);
    expect(rules[0]).toMatchObject({ value: -0.05, limit: 0, decided: 'interval' });
    expect(rules[0]!.text).toMatch(/^Against popularity: -0\.0500 NDCG@10 .* not passed/);
  });

  it.each([
    ['as good', about(0), 0.05, true],
    ['worse for certain', about(-0.05), 0.05, false],
    ['worse for certain, within a wide margin', about(-0.05), 0.5, true],
  ])('sets a student that is %s than the live version', (_what, gain, margin, passed) => {
    const [live] = judgeRelease(besideLive(gain), { rules: [], margin }).rules;
    expect(live).toMatchObject({ rule: 'live', passed, value: gain.value });
    // A share of what the live version has.
    expect(live!.limit).toBeCloseTo(-0.3 * margin, 12);
  });

  it('takes the version that taught for the live one where it is', () => {
    const report = reportOf({ gainOverPrevious: { 'ndcg@10': about(-0.05) } }, { live: LIVE });
    const previous = { ...modelOf('previous', { 'ndcg@10': 0.3 }), role: 'previous' as const, isLive: true };
    const { rules } = judgeRelease({ ...report, models: [...report.models, previous] }, { rules: [] });
    expect(rules[0]).toMatchObject({ rule: 'live', passed: false, value: -0.05 });
  });

  it.each([
    ['too-little-data', true],
    ['damaged', true],
    ['of-another-kind', false],
  ] as const)('that cannot compare, for %s, says so', (kind, passed) => {
    const live = { ...LIVE, notCompared: [{ kind, why: 'it is so' }] };
    const { rules, comparedWith } = judgeRelease(reportOf({}, { live }), { rules: [] });
    expect(rules[0]).toMatchObject({ rule: 'live', value: null, passed, decided: 'nothing' });
    expect(rules[0]!.text).toContain('version 3, which is live: it is so');
    expect(comparedWith).toBe(3);
  });

  it('judges every task of several by itself', () => {
    const good = { ...figuresOf(), headline: HEADLINE };
    const bad = { ...figuresOf({ gainOverBaseline: { 'ndcg@10': about(-0.05) } }), headline: HEADLINE };
    const tasks = [
      { ...good, task: 'click' },
      { ...bad, task: 'buy' },
    ] as unknown as Report['tasks'];
    const { rules } = judgeRelease({ ...reportOf(), tasks }, { rules: [] });
    expect(rules.map(({ task, rule, passed }) => [task, rule, passed])).toEqual([
      ['click', 'baseline', true],
      ['click', 'control', true],
      ['buy', 'baseline', false],
      ['buy', 'control', true],
    ]);
  });
});

describe('a rule that a job names', () => {
  const read = (text: string) => readGateRule(text) as GateRule;
  const strangers = {
    history: 'unseen' as const,
    users: 30,
    models: [{ ...modelOf('student', { 'ndcg@10': 0.2 }) }],
    retained: { 'ndcg@10': about(0.8) },
  };
  const report = reportOf(
    {},
    { histories: [strangers, { history: 'newer', users: 0, why: 'too few', models: [], retained: {} }] },
  );

  it.each([
    ['ndcg@10 retained >= .96', true, 0.967],
    ['ndcg@10 retained >= .97', false, 0.967],
    ['ndcg@10 >= .29', true, 0.29],
    ['ndcg@10 unseen >= .21', false, 0.2],
    ['ndcg@10 unseen retained >= .7', true, 0.8],
    ['overlap@5 >= .4', true, 0.5],
    ['overlap@10 unseen >= .6', true, 0.6],
    ['recall@50 items:tail >= .2', false, 0.1],
    ['recall@50 items:tail retained >= .9', true, 1],
    ['bytes <= 40', true, 40],
    ['coverage >= .5', false, 0.4],
    ['coverage@50 >= .5', true, 0.8],
    ['loss <= 4', false, 5],
  ])('%s: %s', (text, passed, value) => {
    const { rules } = judgeRelease(report, { rules: [read(text)] });
    expect(rules.at(-1)).toMatchObject({ rule: text, passed, decided: 'figure' });
    expect(rules.at(-1)!.value).toBeCloseTo(value, 12);
  });

  it.each([
    ['p99 <= 1 ms', /has no p99/],
    ['ndcg@10 newer >= .1', /no users that are newer \(too few\)/],
    ['ndcg@10 history:1-5 >= .1', /no segment history:1-5; it has items:tail/],
    ['ndcg@10 items:tail >= .1', /segments have recall@50/],
    ['rbo >= .1', /has no rbo/],
  ])('%s is not passed where nothing tells', (text, reason) => {
    const outcome = judgeRelease(report, { rules: [read(text)] }).rules.at(-1)!;
    expect(outcome).toMatchObject({ passed: false, value: null, decided: 'nothing' });
    expect(outcome.text).toMatch(reason);
  });
});
