import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { builtFile } from '../../../src/core/built-file.ts';
import { createLogger } from '../../../src/core/logger.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import { createPlannerThread } from '../../../src/http/jobs/planner-thread.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';
import { twoTastes } from '../../helpers/two-tastes.ts';

const logger = createLogger('test', 'silent');
const requested = { model: 'm' };
const specs = [completeDistillation(requested)];

async function startPlanner(options?: { idleMs?: number; patienceMs?: number }, databaseUrl?: string) {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'test.db');
  const store = await openStore(file);
  const rows = twoTastes(20).rows.map((row) => ({ ...row, value: null, eventId: null }));
  await store.interactions.add(rows);
  const settings = { databaseUrl: databaseUrl ?? `sqlite:${file}`, artifactsUrl: `file:${folder}` };
  const planner = createPlannerThread(settings, logger, options);
  onTestFinished(() => planner.close());
  return planner;
}

it('plans in a thread, several questions at once, and again after it ended for want of questions', async () => {
  const planner = await startPlanner({ idleMs: 1 });
  const plans = await Promise.all([planner.plan(requested, specs), planner.plan(requested, specs)]);
  expect(plans[0]).toEqual(plans[1]);
  expect(plans[0]![0]).toMatchObject({ runs: true, data: { rows: 600, users: 40, items: 40 } });
  expect(await planner.plan(requested, specs)).toEqual(plans[0]);
});

it('fails its questions where the database cannot be opened, where it takes too long, and when it closes', async () => {
  const broken = await startPlanner({}, `sqlite:${import.meta.filename}/nowhere.db`);
  await expect(broken.plan(requested, specs)).rejects.toThrow(/nowhere/);
  const slow = await startPlanner({ patienceMs: 1 });
  await expect(slow.plan(requested, specs)).rejects.toThrow(/within 1 ms/);
  const closing = await startPlanner();
  const asked = expect(closing.plan(requested, specs)).rejects.toThrow(/closed/);
  await closing.close();
  await asked;
});

it('loads no TensorFlow with what plans', async () => {
  const file = path.join(await temporaryFolder(), 'modules');
  const recorder = new URL('../record-modules.mjs', import.meta.url).href;
  const { status } = spawnSync(
    process.execPath,
    ['--import', recorder, builtFile('training/plan/make-plans.js')],
    { env: { ...process.env, RECORD_MODULES: file } },
  );
  expect(status).toBe(0);
  const modules = readFileSync(file, 'utf8');
  expect(modules).toContain('training/plan/read-data.js');
  expect(modules).not.toContain('@tensorflow');
});
