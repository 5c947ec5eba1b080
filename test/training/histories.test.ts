import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { Report } from '../../src/domain/reports/report.ts';
import { twoTastes } from '../helpers/two-tastes.ts';
import { run, SPEC } from './run-job.ts';

const USERS = 120;
const rows = twoTastes(USERS / 2).rows.map(({ userId, itemId, type, timestamp }) => ({
  user: userId,
  item: itemId,
  type,
  timestamp,
}));
const job = (evaluation: object) =>
  run(
    {
      ...SPEC,
      teacher: { kind: 'ease', lambda: 5 },
      distillation: { ...SPEC.distillation, epochs: 2, batchSize: 64 },
      evaluation: { k: [5], refit: false, ...evaluation },
    },
    rows,
  );

describe('a job on users of three kinds', () => {
  let result: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    result = await job({ unseenUsers: 0.3 });
  });

  it('reports each kind by itself; the tables count those that the student knows', () => {
    const { report } = result;
    expect([...Compile(Report).Errors(report)]).toEqual([]);
    expect(report.histories.map(({ history, users }) => [history, users])).toEqual([
      ['taught', 63],
      ['newer', 21],
      ['unseen', 36],
    ]);
    expect(report.data.testUsers).toBe(USERS - 36);
    expect(report.headline!.history).toBe('newer');
    for (const { models, retained } of report.histories) {
      expect(models.map(({ name }) => name)).toEqual(report.models.map(({ name }) => name));
      expect(Object.keys(retained)).toContain('ndcg@5');
    }
  });

  it('trains on no pair of the unseen users, and validates on none', () => {
    const { train, validation, test } = result.report.data;
    // Of fifteen pairs each, three are test and one is validation.
    expect({ train, validation, test }).toEqual({ train: 84 * 11, validation: 84, test: 360 });
  });

  it('calibrates every ranker, and stores the scale of the student', async () => {
    const { report } = result;
    for (const { name, loss, calibratedLoss, scoreScale } of report.models) {
      expect(scoreScale, name).toBeGreaterThan(0);
      // Scales are fitted on other pairs: a good one may lose a little on the test.
      expect(calibratedLoss, name).toBeLessThan(loss! + 0.05);
    }
    const { manifest } = await loadStudent(result.artifacts, result.version.artifact);
    expect(manifest.scoreScale).toEqual({ default: report.models[1]!.scoreScale });
    expect(report.protocol.ranking).toMatch(/scale that was fitted on validation pairs/);
  });

  it('says why there are no unseen users, where they are switched off', async () => {
    const { report } = await job({ unseenUsers: 0 });
    expect(report.histories[2]).toMatchObject({
      history: 'unseen',
      users: 0,
      why: 'evaluation.unseenUsers is 0: every user is trained on',
    });
    expect(report.data).toMatchObject({ testUsers: USERS, train: USERS * 11 });
  });

  it('has only unseen users where the split holds out users, and counts them', async () => {
    const { report } = await run(
      {
        ...SPEC,
        dataset: { split: { strategy: 'held-out-users', testFraction: 0.3 } },
        teacher: { kind: 'ease', lambda: 5 },
        distillation: { ...SPEC.distillation, epochs: 2 },
        evaluation: { k: [5], refit: false },
      },
      rows,
    );
    expect(report.histories.map(({ users }) => users)).toEqual([0, 0, report.data.testUsers]);
    expect(report.histories[0]!.why).toBe('nothing of the test users is trained on');
    expect(report.headline!.history).toBe('unseen');
  });
});
