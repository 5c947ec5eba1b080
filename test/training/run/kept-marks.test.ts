import { expect, it } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { createKeptMarks } from '../../../src/training/run/kept-marks.ts';
import { temporaryFolder } from '../../helpers/store.ts';

it('counts each part once, also in the attempt after a death', async () => {
  const folder = `${await temporaryFolder()}/job`;
  const told: number[] = [];
  const attempt = async (marks: string[]) => {
    const kept = createKeptMarks(folder, {
      onKept: (parts) => told.push(parts),
      logger: createLogger('test', 'silent'),
    });
    for (const mark of marks) await kept(mark);
  };
  await attempt(['teacher 1', 'teacher 2']);
  await attempt(['teacher 2']);
  expect(told).toEqual([1, 2]);
  await attempt(['teacher 2', 'teacher 3']);
  expect(told).toEqual([1, 2, 3]);
});
