import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fingerprint } from '../../../src/artifact/store/fingerprint.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';
import { packStudent } from '../../../src/artifact/student/pack.ts';
import type { StudentWeights } from '../../../src/artifact/student/student-weights.ts';
import { problem } from '../../../src/core/errors.ts';
import { makeProbes } from '../../../src/scoring/probes.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { createRecommender } from '../../../src/serving/answers/recommender.ts';
import { createChanges } from '../../../src/serving/caches/changes.ts';
import { createHistories } from '../../../src/serving/caches/histories.ts';
import type { LiveModel } from '../../../src/serving/models/live-model.ts';
import { createLiveModels, type LiveModels } from '../../../src/serving/models/live-models.ts';
import { createWarmUp } from '../../../src/serving/models/warm-up.ts';
import { sampleLabels } from '../../artifact/sample-labels.ts';
import { samplePackage, sampleWeights } from '../../artifact/sample-student.ts';
import { eventually } from '../../helpers/eventually.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing, truncate } from '../serving-setup.ts';

const NEVER_MS = 1_000_000;

let setup: ServingSetup;
let live: LiveModels;
let signal: (kind: string) => void;
let subscribers: number;

beforeEach(async () => {
  setup = await setUpServing();
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

async function start(
  options: {
    pollMs?: number;
    defaultModel?: string;
    maxBytes?: number;
    retryMs?: number;
    artifacts?: Pick<ArtifactStore, 'get'>;
    warm?: (next: LiveModel, former: LiveModel) => Promise<void>;
  } = {},
) {
  const listeners = new Set<(signal: { kind: string }) => void>();
  signal = (kind) => {
    for (const listener of listeners) listener({ kind });
  };
  const subscribe = (listener: (signal: { kind: string }) => void) => {
    subscribers = listeners.add(listener).size;
    return () => {
      listeners.delete(listener);
      subscribers = listeners.size;
    };
  };
  const { store, artifacts } = setup;
  const deps = {
    store,
    artifacts,
    signals: { subscribe },
    logger,
    alias: ALIAS,
    pollMs: NEVER_MS,
    ...options,
  };
  live = createLiveModels(deps);
  await live.start();
}

const quietSignals = {
  publish: async () => {},
  subscribe: () => () => {},
  listening: () => true,
  onGap: () => () => {},
};

/** The artifact of `weights` with the answers of `answering`. */
function withProbes(weights: StudentWeights, answering: StudentWeights) {
  const package_ = samplePackage(weights);
  const probes = makeProbes(createStudentScorer(answering), package_.items);
  return replaceFiles(packStudent({ ...package_, probes }));
}

function replaceFiles(by: ReadonlyMap<string, Buffer>) {
  return (files: Map<string, Buffer>) => {
    for (const [name, bytes] of by) files.set(name, bytes);
  };
}

const isLive = (model: string, version: number) => () => live.status(model, version).state === 'live';
const isRefused = (model: string, version: number) => () => live.status(model, version).state === 'refused';

describe('which model answers', () => {
  test('none: null, so that popularity can answer', async () => {
    await start();
    expect(live.items.get()).toBeNull();
    expect(() => live.items.get('movies')).toThrow('there is no model "movies"; there is none yet');
  });

  test('the only one without its name', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start();
    expect(live.items.get()).toMatchObject({ name: 'movies', version: 1 });
    expect(live.loaded()).toEqual([{ model: 'movies', version: 1 }]);
  });

  test('one of several by name; without it the one that went live first, whatever comes after', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await setup.publish('books', sampleWeights(20, 4));
    await start();
    expect(live.items.get('movies')?.name).toBe('movies');
    expect(live.items.get()?.name).toBe('movies');
    expect(live.defaults()).toEqual({
      recommend: { model: 'movies', from: 'first' },
      labels: { model: null, from: null },
      warnings: [],
    });
    expect(() => live.items.get('films')).toThrow('there is no model "films"; there are: books, movies');
  });

  test('the default one of several', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await setup.publish('books', sampleWeights(20, 4));
    await start({ defaultModel: 'books' });
    expect(live.items.get()?.name).toBe('books');
    expect(live.defaults().recommend).toEqual({ model: 'books', from: 'setting' });
    await setup.store.models.setDefault('items', 'movies');
    await live.refresh();
    expect(live.items.get()?.name).toBe('movies');
    expect(live.defaults()).toMatchObject({
      recommend: { model: 'movies', from: 'chosen' },
      warnings: [/^DEFAULT_MODEL is books, but PUT .default-model has chosen movies/].map((text) =>
        expect.stringMatching(text),
      ),
    });
    await setup.store.models.setDefault('items', null);
    await live.refresh();
    expect(live.items.get()?.name).toBe('books');
  });

  test('the first one where the setting names none that is there, with a warning', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await setup.publish('books', sampleWeights(20, 4));
    await start({ defaultModel: 'films' });
    expect(live.items.get()?.name).toBe('movies');
    expect(live.defaults().warnings).toEqual([
      'DEFAULT_MODEL is films, of which no version is live; movies answers.',
    ]);
  });
});

describe('a new version', () => {
  test('is live after the models signal', async () => {
    await start();
    await setup.publish('movies', sampleWeights(20, 4));
    signal('job');
    signal('models');
    await eventually('version 1 is live', isLive('movies', 1));
    await setup.publish('movies', sampleWeights(30, 4));
    signal('models');
    await eventually('version 2 is live', isLive('movies', 2));
    expect(live.status('movies', 1)).toEqual({ state: 'idle' });
    expect(live.items.get()?.items).toHaveLength(30);
  });

  test('that is the first one answers whoever asks while it is loaded', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: Pick<ArtifactStore, 'get'> = {
      async get(key) {
        await opened;
        return setup.artifacts.get(key);
      },
    };
    await start({ artifacts: slow });
    expect(await live.items.acquire()).toBeNull();
    await setup.publish('movies', sampleWeights(20, 4));
    signal('models');
    const asked = [live.items.acquire('movies'), live.items.acquire()];
    setTimeout(open, 50);
    for (const model of await Promise.all(asked)) expect(model?.version).toBe(1);
  });

  test('is live after a poll when signals are lost', async () => {
    await start({ pollMs: 10 });
    await setup.publish('movies', sampleWeights(20, 4));
    await eventually('version 1 is live', isLive('movies', 1));
  });

  test('leaves a request with the model that it began with', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start();
    const before = live.items.get()!;
    await setup.publish('movies', sampleWeights(20, 4, 2));
    signal('models');
    await eventually('version 2 is live', isLive('movies', 2));
    expect(before.version).toBe(1);
    expect(before.scorer.recommend([1], [1], 5).length).toBe(5);
  });

  test('is swapped in while requests run: none fails, and each answers from one version', async () => {
    await setup.publish('movies', sampleWeights(50, 8, 1));
    await start({ pollMs: 5 });
    await setup.store.interactions.add([interaction('u', 'item-1'), interaction('u', 'item-2')]);
    const recommender = createRecommender({ store: setup.store, liveModels: live, now: Date.now });
    const answers = new Map<number, Set<string>>();
    for (let version = 2; version <= 5; version++) {
      await setup.publish('movies', sampleWeights(50, 8, version));
      await eventually(`version ${version} is live`, async () => {
        const batch = await Promise.all(
          Array.from({ length: 5 }, () => recommender.recommend('u', { k: 10 })),
        );
        for (const { items, model, source } of batch) {
          expect(source).toBe('student');
          const seen = answers.get(model!.version) ?? new Set();
          answers.set(model!.version, seen.add(JSON.stringify(items)));
        }
        return isLive('movies', version)();
      });
    }
    expect(answers.size).toBeGreaterThan(1);
    expect([...answers.values()].every((distinct) => distinct.size === 1)).toBe(true);
  });

  test('is warm before it is live: whoever was there last costs no question to the database', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    const dislike = { ...interaction('u', 'item-3'), type: 'dislike' };
    await setup.store.interactions.add([interaction('u', 'item-1'), dislike, interaction('v', 'item-2')]);
    const counted = { ...setup.store.interactions, history: vi.fn(setup.store.interactions.history) };
    const changes = createChanges(quietSignals);
    const histories = createHistories(counted, changes);
    const warm = createWarmUp(histories, Date.now);
    const atWarming: object[] = [];
    await start({
      async warm(next, former) {
        await warm(next, former);
        atWarming.push({ live: live.items.get()?.version, warm: next.version, users: next.users.recent(10) });
      },
    });
    const store = { ...setup.store, interactions: counted };
    const recommender = createRecommender({ store, liveModels: live, changes, histories, now: Date.now });
    // The general way looks up what the quick one relies on: rules, catalogue, titles.
    await recommender.recommend('v', { k: 20 });
    const quick = (userId: string) =>
      recommender.quick(userId, 10, 'movies', { history: 0, vector: 0, scan: 0 });
    for (const userId of ['v', 'u']) expect(await quick(userId)).toMatchObject({ model: { version: 1 } });
    const asked = counted.history.mock.calls.length;

    await setup.publish('movies', sampleWeights(20, 4, 2));
    signal('models');
    await eventually('version 2 is live', isLive('movies', 2));
    expect(atWarming).toEqual([{ live: 1, warm: 2, users: ['v', 'u'] }]);
    const { items } = await recommender.recommend('u', { k: 10 });
    // At once, so without waiting for anything; by a vector that has moved away from what is disliked.
    const answer = quick('u');
    expect(answer).toMatchObject({ model: { version: 2 } });
    const { json } = answer as { json: string };
    expect(JSON.parse(json).items).toEqual(items.map(({ itemId, score }) => ({ itemId, score })));
    expect(counted.history).toHaveBeenCalledTimes(asked);
  });

  test('that cannot be warmed is live all the same', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start({ warm: () => Promise.reject(new Error('the database is locked')) });
    await setup.publish('movies', sampleWeights(20, 4, 2));
    signal('models');
    await eventually('version 2 is live', isLive('movies', 2));
  });

  test('can be rolled back to by moving the registry', async () => {
    const registered = [
      await setup.publish('movies', sampleWeights(20, 4)),
      await setup.publish('movies', sampleWeights(20, 4, 2)),
    ];
    let behindAlias = registered[1];
    live = createLiveModels({
      store: { ...setup.store, models: { ...setup.store.models, aliased: async () => [behindAlias] } },
      artifacts: setup.artifacts,
      logger,
      alias: ALIAS,
      pollMs: 10,
    });
    await live.start();
    expect(live.items.get()?.version).toBe(2);
    behindAlias = registered[0];
    await eventually('version 1 is live again', isLive('movies', 1));
  });
});

describe('a damaged version', () => {
  test.each([
    ['truncated weights', truncate('weights.safetensors'), /^weights.safetensors is truncated/],
    ['a missing file', (files: Map<string, Buffer>) => files.delete('items.json'), /^items.json is missing/],
    [
      'no manifest',
      (files: Map<string, Buffer>) => files.delete('manifest.json'),
      /^manifest.json is missing/,
    ],
  ])('with %s is refused with the reason, and the old one stays', async (_what, spoil, reason) => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start();
    await setup.publish('movies', sampleWeights(20, 4), spoil);
    signal('models');
    await eventually('version 2 is refused', isRefused('movies', 2));
    expect(live.status('movies', 2).reason).toMatch(reason);
    expect(live.status('movies', 1)).toEqual({ state: 'live', standsInFor: 2 });
    expect(live.items.get()?.version).toBe(1);
  });

  test('of the first kind leaves the name known and nothing live', async () => {
    await setup.publish('movies', sampleWeights(20, 4), truncate('items.json'));
    await start();
    expect(live.status('movies', 1).state).toBe('refused');
    expect(live.items.get()).toBeNull();
    expect(live.items.get('movies')).toBeNull();
  });

  test('at the start leaves its place to the newest sound one that was live before', async () => {
    for (const spoil of [undefined, undefined, truncate('items.json'), truncate('weights.safetensors')]) {
      await setup.publish('movies', sampleWeights(20, 4), spoil);
    }
    await setup.publish('books', sampleWeights(20, 4), truncate('items.json'));
    await start();
    expect(live.status('movies', 2)).toEqual({ state: 'live', standsInFor: 4 });
    expect(live.status('movies', 4).reason).toMatch(/^weights.safetensors is truncated/);
    expect(live.items.get('movies')?.version).toBe(2);
    expect(live.missing()).toEqual([
      { model: 'books', reason: expect.stringMatching(/^items.json is truncated/) },
    ]);
    await setup.publish('books', sampleWeights(20, 4));
    signal('models');
    await eventually('books are live', isLive('books', 2));
    expect(live.missing()).toEqual([]);
    // A model that comes later is nothing that this process was started for.
    await setup.publish('games', sampleWeights(20, 4), truncate('items.json'));
    signal('models');
    await eventually('games are refused', isRefused('games', 1));
    expect(live.missing()).toEqual([]);
  });

  test('is live by itself once its files are repaired', async () => {
    const whole = await setup.publish('movies', sampleWeights(20, 4));
    const { artifact } = await setup.publish('movies', sampleWeights(20, 4), truncate('items.json'));
    let isWhole = false;
    await start({
      pollMs: 5,
      retryMs: 10,
      artifacts: {
        get: async (key) =>
          setup.artifacts.get(
            isWhole && key === `${artifact}/items.json` ? `${whole.artifact}/items.json` : key,
          ),
      },
    });
    expect(live.status('movies', 1)).toEqual({ state: 'live', standsInFor: 2 });
    isWhole = true;
    await eventually('version 2 is live', isLive('movies', 2));
    expect(live.status('movies', 2)).toEqual({ state: 'live' });
  });

  test('that was unloaded and is damaged since leaves its place too', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    const { artifact } = await setup.publish('movies', sampleWeights(20, 4));
    await setup.publish('books', sampleWeights(20, 4));
    let isDamaged = false;
    await start({
      maxBytes: 1,
      artifacts: {
        get: async (key) => {
          const bytes = await setup.artifacts.get(key);
          return isDamaged && key === `${artifact}/weights.safetensors` ? bytes.subarray(1) : bytes;
        },
      },
    });
    await live.items.acquire('books');
    isDamaged = true;
    expect((await live.items.acquire('movies'))?.version).toBe(1);
  });

  test('that is whole but overflows in use is refused by the trial requests', async () => {
    const weights = sampleWeights(20, 4);
    weights.itemsOut.scale.fill(3e38);
    weights.userBias.fill(1e5);
    await setup.publish('movies', weights);
    await start();
    expect(live.status('movies', 1).reason).toContain('not finite');
  });

  test('that answers as it did when it was packed is live', async () => {
    const weights = sampleWeights(20, 4);
    await setup.publish('movies', weights, withProbes(weights, weights));
    await start();
    expect(live.status('movies', 1)).toEqual({ state: 'live' });
  });

  test('whose trial requests were answered otherwise when it was packed is refused, and the old one stays', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start();
    const weights = sampleWeights(20, 4, 2);
    const other = { ...weights, itemBias: weights.itemBias.map((bias) => bias + 0.01) };
    await setup.publish('movies', weights, withProbes(weights, other));
    signal('models');
    await eventually('version 2 is refused', isRefused('movies', 2));
    expect(live.status('movies', 2).reason).toMatch(
      /^trial request 1 of the artifact had "item-\d+" with [\d.]+ at place 1; the item now scores [\d.]+/,
    );
    expect(live.items.get()?.version).toBe(1);
  });

  test('whose ids are not in the order of its rows is refused by the trial requests', async () => {
    const weights = sampleWeights(20, 4);
    const package_ = samplePackage(weights);
    const probes = makeProbes(createStudentScorer(weights), package_.items);
    // Two items nobody's history is about: only their own scores tell.
    const items = package_.items.toSpliced(3, 2, 'item-4', 'item-3');
    await setup.publish('movies', weights, replaceFiles(packStudent({ ...package_, items, probes })));
    await start();
    expect(live.status('movies', 1).reason).toMatch(/^trial request \d of the artifact had "item-[34]"/);
  });

  test.each([
    ['is empty', '[]', 'probes.json: it must'],
    [
      'holds what is no score',
      '[{"history":[{"itemId":"item-1","weight":1}],"top":[{"itemId":"item-1","score":null}]}]',
      'probes.json: /0/top/0/score must',
    ],
    [
      'names an item that is not there',
      '[{"history":[{"itemId":"x","weight":1}],"top":[{"itemId":"item-1","score":1}]}]',
      'trial request 1 of the artifact names the item "x"',
    ],
  ])('whose file of trial requests %s is refused', async (_what, text, reason) => {
    const weights = sampleWeights(20, 4);
    const spoil = (files: Map<string, Buffer>) => {
      withProbes(weights, weights)(files);
      const manifest = JSON.parse(files.get('manifest.json')!.toString());
      files.set('probes.json', Buffer.from(text));
      manifest.files['probes.json'] = fingerprint(Buffer.from(text));
      files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
    };
    await setup.publish('movies', weights, spoil);
    await start();
    expect(live.status('movies', 1).reason).toContain(reason);
  });

  test('whose sizes are not those of the registry is refused', async () => {
    const registered = await setup.publish('movies', sampleWeights(20, 4));
    live = createLiveModels({
      store: {
        ...setup.store,
        models: { ...setup.store.models, aliased: async () => [{ ...registered, items: 21 }] },
      },
      artifacts: setup.artifacts,
      logger,
      alias: ALIAS,
      pollMs: NEVER_MS,
    });
    await live.start();
    expect(live.status('movies', 1).reason).toBe("the artifact's items is 20, the registry's is 21");
  });

  test('does not keep other models from being live', async () => {
    await setup.publish('books', sampleWeights(20, 4), truncate('items.json'));
    await setup.publish('movies', sampleWeights(20, 4));
    await start();
    expect(live.status('movies', 1).state).toBe('live');
  });

  test('is not read again until the registry changes', async () => {
    await setup.publish('movies', sampleWeights(20, 4), truncate('items.json'));
    let reads = 0;
    await start({
      pollMs: 5,
      artifacts: {
        get(key) {
          reads++;
          return setup.artifacts.get(key);
        },
      },
    });
    const once = reads;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(reads).toBe(once);
    await setup.publish('movies', sampleWeights(20, 4));
    await eventually('version 2 is live', isLive('movies', 2));
  });
});

describe('trouble that passes', () => {
  test('artifacts that cannot be read now are tried again', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    let away = true;
    await start({
      pollMs: 5,
      artifacts: {
        async get(key) {
          if (away) throw problem('store-unavailable', 'the folder is not mounted');
          return setup.artifacts.get(key);
        },
      },
    });
    expect(live.status('movies', 1)).toEqual({ state: 'refused', reason: 'the folder is not mounted' });
    away = false;
    await eventually('version 1 is live', isLive('movies', 1));
  });

  test('a registry that cannot be read leaves everything as it is', async () => {
    const registered = await setup.publish('movies', sampleWeights(20, 4));
    let asked = 0;
    live = createLiveModels({
      store: {
        ...setup.store,
        models: {
          ...setup.store.models,
          async aliased() {
            if (++asked > 1) throw problem('store-unavailable', 'the database is locked');
            return [registered];
          },
        },
      },
      artifacts: setup.artifacts,
      logger,
      alias: ALIAS,
      pollMs: 5,
    });
    await live.start();
    await eventually('it was asked again', () => asked > 2);
    expect(live.items.get()?.version).toBe(1);
  });
});

describe('beyond the memory for models', () => {
  const names = () => live.loaded().map(({ model }) => model);

  async function startWithRoomForTwo() {
    for (const model of ['a', 'b', 'c']) await setup.publish(model, sampleWeights(20, 4));
    await start();
    const { bytes } = live.items.get('a')!;
    expect(names()).toEqual(['a', 'b', 'c']);
    await live.close();
    await start({ maxBytes: 2.5 * bytes });
  }

  test('the model that was asked for least recently is unloaded, and comes back when it is asked for', async () => {
    await startWithRoomForTwo();
    expect(names()).toEqual(['b', 'c']);
    // Known, and live by the registry; only not in memory.
    expect(live.items.get('a')).toBeUndefined();
    expect(live.status('a', 1).state).toBe('live');
    live.items.get('b');
    expect((await live.items.acquire('a'))?.name).toBe('a');
    expect(names()).toEqual(['a', 'b']);
    expect(live.items.get('a')?.name).toBe('a');
  });

  test('two requests at once load it once', async () => {
    await startWithRoomForTwo();
    const [one, other] = await Promise.all([live.items.acquire('a'), live.items.acquire('a')]);
    expect(one).not.toBeNull();
    expect(one).toBe(other);
  });

  test('versions asked for by number are the first to go when they were used first', async () => {
    const first = await setup.publish('movies', sampleWeights(20, 4));
    await setup.publish('movies', sampleWeights(20, 4, 2));
    await start();
    const { bytes } = live.items.get()!;
    await live.close();
    await start({ maxBytes: 1.5 * bytes });
    expect((await live.items.acquire('movies', '1'))?.version).toBe(1);
    expect(live.loaded()).toEqual([{ model: 'movies', version: 1 }]);
    expect((await live.items.acquire())?.version).toBe(2);
    expect(live.loaded()).toEqual([{ model: 'movies', version: 2 }]);
    expect(live.status('movies', first.version).state).toBe('idle');
  });

  test('a version and its successor together push no other model out', async () => {
    await startWithRoomForTwo();
    await setup.publish('c', sampleWeights(20, 4, 2));
    signal('models');
    await eventually('version 2 is live', isLive('c', 2));
    expect(live.loaded()).toEqual([
      { model: 'b', version: 1 },
      { model: 'c', version: 2 },
    ]);
  });

  test('models of all kinds share it', async () => {
    await setup.publishLabels('climates', sampleLabels());
    await setup.publish('movies', sampleWeights(20, 4));
    await start({ maxBytes: 1 });
    expect(names()).toEqual(['movies']);
    expect((await live.labels.acquire())?.name).toBe('climates');
    expect(names()).toEqual(['climates']);
    expect((await live.items.acquire())?.name).toBe('movies');
    expect(names()).toEqual(['movies']);
  });

  test('one that alone is too large is served all the same', async () => {
    await setup.publish('movies', sampleWeights(20, 4));
    await start({ maxBytes: 1 });
    expect(live.items.get()?.name).toBe('movies');
  });
});

test('after close nothing listens and nothing polls', async () => {
  await start({ pollMs: 5 });
  await live.close();
  expect(subscribers).toBe(0);
  await setup.publish('movies', sampleWeights(20, 4));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(live.items.get()).toBeNull();
});
