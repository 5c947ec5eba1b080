import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../src/domain/reports/report.ts';
import { eventually } from '../helpers/eventually.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { twoTastes } from '../helpers/two-tastes.ts';

const MODEL = 'two-tastes';
const PERSON = 'Ada L. / 1815';
const path = `/${encodeURIComponent(PERSON)}`;
const { rows } = twoTastes(15);
/** Clicks of the person alone, so that nobody else keeps this item in a model. */
const OWN_ITEM = 'a-only-theirs';
const own = [OWN_ITEM, 'a-1', 'a-2', 'a-3', 'a-4', 'a-5'].map((itemId, i) => ({
  userId: PERSON,
  itemId,
  type: 'click',
  timestamp: rows[0]!.timestamp + i,
}));

let service: TestService;
beforeAll(async () => {
  // Starts sooner than TensorFlow; the arithmetic is the same.
  service = await startService({ env: { TENSOR_BACKEND: 'cpu' } });
});
afterAll(() => service?.dispose());

async function train(version: number): Promise<{ report: Report; items: string }> {
  const { body } = await service.send('POST', '/jobs', {
    model: MODEL,
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', dimensions: 4 },
    distillation: { epochs: 2 },
    // Of so few users no gate can say that the second is as good.
    publish: { gate: 'off' },
  });
  const job = await service.finished(body.id);
  if (job.state !== 'succeeded') throw new Error(`The job ended as ${job.state}:\n${service.story()}`);
  const at = `/models/${MODEL}/versions/${version}`;
  await eventually(`version ${version} serves`, async () => {
    const answer = await service.send('GET', at);
    return answer.body.serving?.state === 'live';
  });
  const items = await service.send('GET', `${at}/files/items.json`);
  return { report: (await service.send('GET', `${at}/report`)).body, items: JSON.stringify(items.body) };
}

const recommended = async () => (await service.send('GET', `/recommend${path}?k=3`)).body;
const exported = async (kind: string) =>
  (await fetch(`${service.url}/exports/${kind}?format=ndjson`).then((answer) => answer.text())) as string;

it('a deleted person is gone from recommendations, lists, exports and the next model, and named nowhere', async () => {
  await service.send('POST', '/interactions', { interactions: [...rows, ...own] });
  await service.send('PUT', `/users${path}`, { features: { born: 1815 } });
  const before = await train(1);
  expect(await recommended()).toMatchObject({ source: 'student', model: { version: 1 } });
  expect(before.items).toContain(OWN_ITEM);
  for (const kind of ['interactions', 'users']) expect(await exported(kind)).toContain(PERSON);

  expect((await service.send('DELETE', `/users${path}`)).status).toBe(200);

  expect((await recommended()).source).toBe('popularity');
  expect((await service.send('GET', `/users${path}`)).status).toBe(404);
  expect((await service.send('GET', `/users${path}/interactions`)).body.data ?? []).toEqual([]);
  for (const place of ['/users', '/deletions', '/stats'])
    expect(JSON.stringify((await service.send('GET', place)).body)).not.toContain(PERSON);
  for (const kind of ['interactions', 'users']) expect(await exported(kind)).not.toContain(PERSON);

  const after = await train(2);
  expect(after.report.data.users).toBe(before.report.data.users - 1);
  expect(after.report.data.interactions).toBe(before.report.data.interactions - own.length);
  expect(after.report.data.hash).not.toBe(before.report.data.hash);
  expect(after.items).not.toContain(OWN_ITEM);
  expect((await recommended()).source).toBe('popularity');
}, 150_000);
