import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { problem } from '../../src/core/errors.ts';
import { createRng } from '../../src/core/rng.ts';
import { runAtOnce } from '../../src/core/slices.ts';
import type { StoredRule } from '../../src/domain/answers/rule.ts';
import type { TopQuery } from '../../src/scoring/find-top.ts';
import { openKernel, type ScanKernel } from '../../src/scoring/scan/kernel.ts';
import type { TopK } from '../../src/scoring/scan/top-heap.ts';
import { packStudentRows } from '../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../src/serving/answers/recommender.ts';
import { createLiveModels, type LiveModels } from '../../src/serving/models/live-models.ts';
import { type CatalogueWork, createCatalogueWork } from '../../src/serving/threads/catalogue-work.ts';
import { createLoadThreads } from '../../src/serving/threads/load-in-thread.ts';
import { createScanThreads, type ScanThreads } from '../../src/serving/threads/scan-threads.ts';
import { normals, sampleWeights, studentShapes } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { item } from '../helpers/store.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing, truncate } from './serving-setup.ts';

const ITEMS = 5000;
const WIDTH = 16;
const weights = sampleWeights(ITEMS, WIDTH);

const read = ({ rows, scores, length }: TopK) => Array.from({ length }, (_, i) => [rows[i], scores[i]]);

describe('scan threads', () => {
  let threads: ScanThreads;
  afterEach(() => threads.close());

  /** A scan on threads of everything over no items at all, and the kernel of this thread. */
  function open(options: Partial<Parameters<typeof createScanThreads>[0]> = {}) {
    threads = createScanThreads({ size: 2, logger, ...options });
    const work = createCatalogueWork(threads, 0, 0);
    const { matrix } = runAtOnce(packStudentRows(weights, work.scratches(ITEMS)));
    const kernel = openKernel(matrix);
    return {
      findTop: work.open(matrix, kernel),
      kernel,
      judge: openKernel(runAtOnce(packStudentRows(weights)).matrix),
    };
  }

  function expected(judge: ScanKernel, { vector, k, leftOut, mask }: TopQuery) {
    for (const rows of leftOut) judge.exclude(rows);
    return read(judge.topK(vector, k, mask));
  }

  test('answer many questions at once, each as the kernel of this thread does', async () => {
    const { findTop, kernel, judge } = open();
    const rng = createRng(1);
    const mask = { allowed: Uint8Array.from({ length: ITEMS }, () => rng.int(2)) };
    const queries = Array.from(
      { length: 60 },
      (_, i): TopQuery => ({
        vector: normals(rng, WIDTH),
        k: 1 + rng.int(1000),
        leftOut: [Array.from({ length: rng.int(50) }, () => rng.int(ITEMS)), Int32Array.of(i)],
        ...(i % 3 === 0 && { mask }),
      }),
    );
    const answers = await Promise.all(
      queries.map(async (query) => {
        const answer = findTop(query);
        expect(answer).toBeInstanceOf(Promise);
        return read(await answer);
      }),
    );
    expect(answers).toEqual(queries.map((query) => expected(judge, query)));
    expect(kernel.lastScan()).toEqual({ looked: 0, finished: 0 });
  });

  test('take their copy of the question at once: views may be overwritten then', async () => {
    const { findTop, judge } = open();
    const rng = createRng(2);
    const vector = normals(rng, WIDTH);
    const seen = Int32Array.of(1, 2, 3);
    const right = expected(judge, { vector, k: 10, leftOut: [seen] });
    const answer = findTop({ vector, k: 10, leftOut: [seen] });
    vector.fill(0);
    seen.fill(9);
    expect(read(await answer)).toEqual(right);
  });

  test('that cannot run leave the scan to this thread, with the right answer', async () => {
    const file = path.join(os.tmpdir(), `stillhouse-broken-thread-${process.pid}.mjs`);
    await writeFile(file, 'throw new Error("this thread cannot run")');
    onTestFinished(() => rm(file));
    const { findTop, judge } = open({ file });
    const query = { vector: normals(createRng(3), WIDTH), k: 10, leftOut: [[5]] };
    const right = expected(judge, query);
    // Those that wait when the thread ends, and those that come after it.
    expect(await Promise.all([findTop(query), findTop(query)].map(async (top) => read(await top)))).toEqual([
      right,
      right,
    ]);
    const later = findTop(query);
    expect(later).not.toBeInstanceOf(Promise);
    expect(read(await later)).toEqual(right);
  });

  test('are started again a while after one has ended', async () => {
    const { findTop, judge } = open({ size: 1, pauseMs: 50 });
    const query = { vector: normals(createRng(4), WIDTH), k: 10, leftOut: [] };
    const right = expected(judge, query);
    expect(read(await findTop(query))).toEqual(right);
    // Neither the thread nor this one can make anything of such a filter.
    await expect(findTop({ ...query, mask: {} as never })).rejects.toThrow(TypeError);
    expect(read(await findTop(query))).toEqual(right);
    await setTimeout(60);
    await eventually('a thread answers again', () => findTop(query) instanceof Promise);
    expect(read(await findTop(query))).toEqual(right);
  });
});

describe('a large catalogue', () => {
  let setup: ServingSetup;
  let threads: ScanThreads;
  let live: LiveModels;

  beforeEach(async () => {
    setup = await setUpServing();
    threads = createScanThreads({ size: 2, logger });
  });
  afterEach(async () => {
    await live.close();
    await threads.close();
    await setup.close();
  });

  async function serve(
    work: CatalogueWork,
    artifacts = setup.artifacts as Pick<typeof setup.artifacts, 'get'>,
  ): Promise<Recommender> {
    const { store } = setup;
    live = createLiveModels({ store, artifacts, logger, alias: ALIAS, pollMs: 20, work });
    await live.start();
    return createRecommender({ store, liveModels: live, work, now: Date.now });
  }

  test('is loaded and scanned on threads, and answers everything as a small one does', async () => {
    await setup.publish('movies', weights);
    const items = Array.from({ length: 300 }, (_, i) =>
      item(`item-${i}`, { categories: [i % 2 ? 'Odd' : 'Even'] }),
    );
    await setup.store.catalogue.putItems([...items, item('item-400', { hidden: true })]);
    await setup.store.interactions.add([interaction('u', 'item-3'), interaction('u', 'item-9')]);
    const boost: StoredRule = {
      id: 'rule_1',
      action: 'boost',
      items: ['item-77'],
      categories: [],
      model: null,
      position: null,
      amount: 3,
      from: null,
      until: null,
      createdAt: 1,
    };
    await setup.store.rules.add(boost, 10);
    const ask = async (recommender: Recommender) => {
      const strip = ({ recommendationId: _, ...rest }: object & { recommendationId?: string }) => rest;
      return [
        strip(await recommender.recommend('u', { k: 20 })),
        strip(await recommender.recommend('u', { k: 20, category: ['Odd'], exclude: ['item-5'] })),
        strip(await recommender.recommend('u', { k: 20, diversity: 0.5, explain: true })),
        strip(await recommender.recommend('nobody', { k: 5 })),
        strip(
          await recommender.recommendTo(
            { userId: null, session: [{ itemId: 'item-8', type: 'click', value: null, timestamp: null }] },
            { k: 7 },
          ),
        ),
        await recommender.similar('item-5', { k: 10, exclude: ['item-6'] }),
        strip(await recommender.rank({ userId: 'u' }, { items: ['item-1', 'item-2', 'item-3'] })),
      ];
    };
    const small = await ask(await serve(createCatalogueWork(null)));
    await live.close();
    const large = await ask(await serve(createCatalogueWork(threads, 100, 100)));
    expect(large).toEqual(small);
    expect(live.items.get()!.findTop({ vector: new Float32Array(WIDTH), k: 1, leftOut: [] })).toBeInstanceOf(
      Promise,
    );
  });

  test.each(studentShapes)(
    'with %s is handed over whole by the thread that loads it',
    async (_what, shape) => {
      await setup.publish('movies', shape);
      await serve(createCatalogueWork(threads, 1_000_000, 0));
      const model = live.items.get()!;
      expect(model.weights).toEqual(shape);
      expect(model.weights.itemsIn === model.weights.itemsOut).toBe(shape.itemsIn === shape.itemsOut);
      expect(model.items[3]).toBe('item-3');
      expect(model.rowOf.get('item-3')).toBe(3);
      expect(model.rowOf.get('item-x')).toBeUndefined();
    },
  );

  test('that is damaged is refused by the thread with the reason, one that cannot be read is tried again', async () => {
    await setup.publish('movies', weights, truncate('weights.safetensors'));
    await setup.publish('books', weights);
    let isAway = true;
    const artifacts = {
      async get(key: string) {
        if (isAway && key.includes('books')) throw problem('store-unavailable', 'the folder is not mounted');
        return setup.artifacts.get(key);
      },
    };
    await serve(createCatalogueWork(threads, 0, 0), artifacts);
    expect(live.status('movies', 1).reason).toMatch(/^weights.safetensors is truncated/);
    expect(live.status('books', 1).reason).toBe('the folder is not mounted');
    isAway = false;
    await eventually('books are live', () => live.status('books', 1).state === 'live');
  });
});

describe('while requests are answered', () => {
  let setup: ServingSetup;
  beforeEach(async () => {
    setup = await setUpServing();
  });
  afterEach(() => setup.close());

  test('a new version of a small catalogue is prepared beside the event loop, the first one at once', async () => {
    const threads = createScanThreads({ size: 1, logger });
    const work = createCatalogueWork(threads);
    const wereServing: boolean[] = [];
    const watched: CatalogueWork = {
      ...work,
      prepare(artifacts, key, items, isServing) {
        wereServing.push(isServing);
        return work.prepare(artifacts, key, items, isServing);
      },
    };
    await setup.publish('movies', sampleWeights(30, 8));
    const { store, artifacts } = setup;
    const live = createLiveModels({ store, artifacts, logger, alias: ALIAS, pollMs: 20, work: watched });
    onTestFinished(async () => {
      await live.close();
      await threads.close();
    });
    await live.start();
    const { version } = await setup.publish('movies', sampleWeights(40, 8));
    await eventually('the second is live', () => live.status('movies', version).state === 'live');
    expect(live.items.get()!.items).toHaveLength(40);
    expect(wereServing).toEqual([false, true]);
  });

  test('threads that load are used again, each for one at a time, and a failure is that of its own load', async () => {
    const prepare = createLoadThreads(1000);
    const few = sampleWeights(30, 8);
    const good = await setup.publish('movies', few);
    const bad = await setup.publish('books', few, truncate('weights.safetensors'));
    const load = (artifact: string) => prepare(setup.artifacts, artifact, 1);
    for (let round = 0; round < 2; round++) {
      const loads = [load(good.artifact), load(bad.artifact), load(good.artifact)];
      const [one, failed, other] = await Promise.allSettled(loads);
      for (const loaded of [one, other]) {
        expect(loaded?.status === 'fulfilled' && loaded.value.weights).toEqual(few);
      }
      expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'invalid-artifact' } });
    }
  });
});
