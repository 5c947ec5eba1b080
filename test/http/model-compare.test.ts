import path from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint } from '../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { REPORT } from '../../src/http/docs/report-example.ts';
import { newVersion } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
  const artifacts = createFsStore(`file:${path.join(service.folder, 'artifacts')}`);
  for (const [i, bytes] of [1000, 2000].entries()) {
    const artifact = `models/movies/job-${i + 1}`;
    await service.store.models.publish(newVersion({ jobId: `job-${i + 1}`, artifact, bytes }), 'stable');
    const live = { ...REPORT.models[0]!, name: 'live', role: 'live', version: 1 };
    const report = {
      ...REPORT,
      settings: { dimensions: bytes / 100 },
      models: i === 0 ? REPORT.models : [...REPORT.models, live],
      comparison: {
        ...REPORT.comparison,
        gainOverLive: { 'ndcg@10': { value: 0.1, low: 0.05, high: 0.15 } },
      },
    };
    const text = Buffer.from(JSON.stringify(report));
    const manifest = Buffer.from(JSON.stringify({ files: { 'report.json': fingerprint(text) } }));
    await artifacts.putFolder(
      artifact,
      new Map([
        ['report.json', text],
        ['manifest.json', manifest],
      ]),
    );
  }
});
afterEach(() => service.close());
const compare = (versions: string) => request(service.url).get(`/models/movies/compare?versions=${versions}`);

it('two versions are compared by the report that holds both', async () => {
  const { body } = await compare('1,2').expect(200);
  expect(body).toMatchObject({
    versions: [1, 2],
    from: 'report',
    differences: { 'ndcg@10': { value: 0.1, low: 0.05, high: 0.15 } },
    settings: [{ setting: 'dimensions', values: [10, 20] }],
    sizes: { bytes: [1000, 2000] },
    examples: [],
  });
  expect((await compare('2,1')).body.differences['ndcg@10']).toEqual({
    value: -0.1,
    low: -0.15,
    high: -0.05,
  });
});

it.each(['1', '1,2,3', 'a,b', '1,1', '0,2', ''])('versions=%s is refused', async (versions) => {
  expectProblem(await compare(versions), 400, 'invalid-request', /versions/);
});

it('a version that there is not cannot be compared', async () => {
  expectProblem(await compare('1,9'), 404, 'not-found', /no version 9/);
});
