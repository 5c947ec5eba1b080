import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Report } from '../../../src/domain/reports/report.ts';
import { currentReport, upgradeReport } from '../../../src/evaluation/upgrade/upgrade-report.ts';

/** Reports that the release before format 2 wrote for tiny jobs, with a few of their metrics. */
const FORMER = JSON.parse(readFileSync(new URL('former-reports.json', import.meta.url), 'utf8'));
const upgraded = (name: string) => upgradeReport(FORMER[name]) as Report;
const modelOf = (report: Pick<Report, 'models'>, name: string) =>
  report.models.find((one) => one.name === name)!;

describe('a report of an earlier release', () => {
  it.each(Object.keys(FORMER))('has the shape of today: %s', (name) => {
    const now = upgraded(name);
    expect([...Compile(Report).Errors(JSON.parse(JSON.stringify(now)))]).toEqual([]);
    expect(now.verdict.text).toMatch(/the student's/);
    expect(now.headline).toMatchObject({ history: 'known' });
    expect(now).toMatchObject({ curves: [], histories: [], served: { weights: 'tested' } });
    expect(now.warnings).toEqual(FORMER[name].warnings);
  });

  it('of rankings gets hr@1, and differences from popularity where it had a share less 1', () => {
    const [now, was] = [upgraded('sets'), FORMER.sets];
    const popularity = modelOf(now, 'popularity');
    const student = modelOf(now, 'student');
    expect(student.metrics['hr@1']).toEqual(student.metrics.accuracy);
    expect(was.comparison.gainOverPopularity['ndcg@3'].value).toBeGreaterThan(0);
    expect(now.comparison.gainOverBaseline['ndcg@3']!.value).toBeCloseTo(
      student.metrics['ndcg@3']!.value - popularity.metrics['ndcg@3']!.value,
      2,
    );
    expect(now.comparison.gainOverTeacher!['ndcg@3']!.value).toBeCloseTo(
      student.metrics['ndcg@3']!.value - modelOf(now, 'teacher').metrics['ndcg@3']!.value,
      2,
    );
    expect(student.segments[0]!.count).toBe(was.rankers[1].segments[0].users);
    expect(now.sets!.comparison.retained.microF1).toEqual(was.sets.microF1OfTeacher);
    expect(now.sets!.models[1]!.figures!.macroF1).toBe(was.sets.labellers[1].macroF1);
  });

  it('of several tasks has the single-task students as controls', () => {
    const [now, was] = [upgraded('several'), FORMER.several];
    for (const [i, task] of now.tasks!.entries()) {
      expect(modelOf(task, 'single-task').role).toBe('control');
      expect(task.comparison.gainOverSingleTask).toEqual(was.tasks[i].comparison.gainOverSingleTask);
      expect(task.comparison.gainOverAlone).toEqual({});
      expect(task.comparison.compressionRatio).toBeGreaterThan(0);
    }
    expect(now.verdict.findings.map(({ task }) => task)).toContain('watch');
  });

  it('of ratings is turned round, so that more is better', () => {
    const [now, was] = [upgraded('rating'), FORMER.rating];
    const rmse = (name: string) => modelOf(now, name).metrics.rmse!.value;
    const { retained, gainOverAlone, gainOverBaseline, gainOverTeacher } = now.comparison;
    expect(retained.rmse!.value).toBeCloseTo(rmse('teacher') / rmse('student'), 2);
    expect(gainOverAlone.rmse).toEqual({
      value: -was.comparison.rmseToAlone.value,
      low: -was.comparison.rmseToAlone.high,
      high: -was.comparison.rmseToAlone.low,
    });
    expect(gainOverBaseline.rmse!.value).toBeCloseTo(rmse('means') - rmse('student'), 2);
    expect(gainOverTeacher!.rmse!.value).toBeCloseTo(rmse('teacher') - rmse('student'), 2);
    expect(now.data.interactions).toBe(was.data.ratings);
  });

  it('of labels keeps its table', () => {
    const [now, was] = [upgraded('labels'), FORMER.labels];
    expect(now.labels).toEqual({ of: 'items', from: 'categories', each: was.labels, leftOut: was.leftOut });
    expect(modelOf(now, 'student').fidelity!.agreement!.value).toBe(was.labellers[1].agreement);
    expect(now.comparison.gainOverBaseline.microF1).toEqual(was.comparison.microF1OverFrequency);
    expect(now.data.entities!.all).toBe(was.data.entities);
  });
});

describe('the bytes of a stored report', () => {
  const today = { format: 2, settings: { distillation: { losses: [{ kind: 'rrd' }] } } };
  const bytes = (report: object) => Buffer.from(JSON.stringify(report, null, 2));

  it('are handed out as they are where nothing has changed', () => {
    for (const report of [today, { model: 'of no shape that was ever known' }]) {
      const stored = bytes(report);
      expect(currentReport(stored)).toBe(stored);
    }
  });

  it('get the names of today', () => {
    const former = { ...today, settings: { distillation: { losses: [{ kind: 'ranking' }] } } };
    expect(JSON.parse(String(currentReport(bytes(former))))).toEqual(today);
  });

  it('get the shape of today', () => {
    expect(JSON.parse(String(currentReport(bytes(FORMER.labels))))).toMatchObject({ format: 2 });
  });
});
