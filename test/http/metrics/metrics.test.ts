import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { CODE_VERSION } from '../../../src/core/version.ts';
import { DEFAULT_ALIAS } from '../../../src/domain/jobs/distillation-spec.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
afterEach(() => service?.close());

const lines = async (name: string) => {
  const { text } = await request(service.url).get('/metrics').expect(200);
  return text.split('\n').filter((line) => line.startsWith(name));
};

const version = {
  model: 'movies',
  jobId: 'job_1',
  artifact: 'models/movies/job_1',
  bytes: 1000,
  items: 10,
  dimensions: 8,
  summary: {
    metrics: { student: { 'ndcg@10': 0.3 }, teacher: { 'ndcg@10': 0.31 } },
    compressionRatio: 12,
  },
};

describe('GET /metrics', () => {
  it('counts answers by model, version, source and reason', async () => {
    service = await startService();
    for (const user of ['a', 'b']) await request(service.url).get(`/recommend/${user}`).expect(200);
    const answer = (await request(service.url).get('/recommend/c').expect(200)).body;
    const { model, source, reasonCode = '' } = answer;
    const labels = `model="${model?.name ?? ''}",version="${model?.version ?? ''}",source="${source}",reason="${reasonCode}"`;
    expect(await lines('stillhouse_answers_total{')).toEqual([`stillhouse_answers_total{${labels}} 3`]);
  });

  it('counts posted rows by what became of them', async () => {
    service = await startService();
    const row = { userId: 'u', itemId: 'i', type: 'view', timestamp: '2026-03-01T12:00:00Z' };
    const interactions = [row, row, { ...row, itemId: 'j' }, { userId: 'u' }];
    await request(service.url).post('/interactions').send({ interactions }).expect(200);
    expect(await lines('stillhouse_posted_rows_total{')).toEqual([
      'stillhouse_posted_rows_total{outcome="rejected"} 1',
      'stillhouse_posted_rows_total{outcome="accepted"} 2',
      'stillhouse_posted_rows_total{outcome="duplicate"} 1',
    ]);
  });

  it('has the quality of the versions that should be live', async () => {
    service = await startService();
    await service.store.models.publish(version, DEFAULT_ALIAS);
    expect(await lines('stillhouse_live_quality{')).toEqual([
      'stillhouse_live_quality{model="movies",version="1",of="student",metric="ndcg@10"} 0.3',
      'stillhouse_live_quality{model="movies",version="1",of="teacher",metric="ndcg@10"} 0.31',
    ]);
  });

  it('says what runs, and that the database answers', async () => {
    service = await startService();
    expect(await lines('stillhouse_build_info{')).toEqual([
      `stillhouse_build_info{version="${CODE_VERSION}",node="${process.versions.node}"} 1`,
    ]);
    expect(await lines('stillhouse_store_up ')).toEqual(['stillhouse_store_up 1']);
  });

  it('has the lookups of caches as they are at the scrape', async () => {
    let hits = 1;
    const caches = () => [{ cache: 'histories' as const, model: '', version: '', hits, misses: 2 }];
    service = await startService({ caches });
    await lines('stillhouse');
    hits = 5;
    expect(await lines('stillhouse_cache_lookups_total{')).toEqual([
      'stillhouse_cache_lookups_total{cache="histories",model="",version="",outcome="hit"} 5',
      'stillhouse_cache_lookups_total{cache="histories",model="",version="",outcome="miss"} 2',
    ]);
  });
});
