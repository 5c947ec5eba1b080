import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createEngine, type Engine, type Tensor } from '../../src/tensor/engine.ts';
import { type TrainingState, fit as train } from '../../src/tensor/train/fit.ts';
import type { OptimizerSettings } from '../../src/tensor/train/optimizer.ts';
import { createParameters, type Loss, type NamedTensors } from '../../src/tensor/train/parameters.ts';
import { expectClose, flat, randomMatrix, sparseOf, tensorOf } from './helpers.ts';
import { optimizerStep, type ReferenceState } from './reference.ts';

/** Optimizers against plain arithmetic, and the training loop, on one backend. */
export function trainingContract(backend: 'native' | 'wasm' | 'cpu'): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ backend, threads: 2 });
  });

  const start = flat(randomMatrix(5, 2, 1));
  const target = flat(randomMatrix(5, 2, 2));
  const fresh = (): ReferenceState => ({
    w: [...start],
    m: Array(10).fill(0),
    v: Array(10).fill(0),
    step: 0,
  });
  /** 1/2 |w - target|^2, whose gradient is w - target. */
  const squares = (w: Tensor): Loss => {
    const { tf } = engine;
    const half = tf.mul(tf.sum(tf.square(tf.sub(w, tf.tensor2d(target, [5, 2])))), 0.5);
    return { total: half as never, parts: { squares: half as never } };
  };

  describe('optimizers', () => {
    const rules: OptimizerSettings[] = [
      { kind: 'adam', learningRate: 0.1 },
      { kind: 'adam', learningRate: 0.1, weightDecay: 0.3 },
      { kind: 'adamw', learningRate: 0.1, weightDecay: 0.3 },
      { kind: 'sgd', learningRate: 0.1 },
      { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 },
      { kind: 'adagrad', learningRate: 0.5 },
    ];

    test.each(rules)('$kind $weightDecay $momentum, whole tables', (rule) => {
      const parameters = createParameters(engine, { w: { shape: [5, 2], values: start } }, rule);
      const expected = fresh();
      for (let i = 0; i < 12; i++) {
        parameters.step(({ w }) => squares(w!));
        optimizerStep(
          expected,
          expected.w.map((value, k) => value - target[k]!),
          rule,
        );
      }
      expectClose(parameters.read('w'), expected.w);
      parameters.dispose();
    });

    test.each(rules)('$kind $weightDecay $momentum, touched rows only', (rule) => {
      const parameters = createParameters(engine, { w: { shape: [5, 2], values: start } }, rule);
      const expected = fresh();
      const touched = [[3, 1, 3], [1], [0, 4]];
      for (let i = 0; i < 12; i++) {
        const ids = touched[i % 3]!;
        parameters.step(({ w }) => {
          const sum = engine.tf.sum(engine.tf.square(engine.gatherRows(w!, Int32Array.from(ids))));
          return { total: sum as never, parts: {} };
        });
        const g = expected.w.map((value, k) => 2 * value * ids.filter((id) => id === k >> 1).length);
        optimizerStep(
          expected,
          g,
          rule,
          [...new Set(ids)].flatMap((id) => [2 * id, 2 * id + 1]),
        );
      }
      expectClose(parameters.read('w'), expected.w);
      parameters.dispose();
    });

    test('rowUpdates: all moves rows by their momentum, as a dense gradient would', () => {
      const rule: OptimizerSettings = { kind: 'adam', learningRate: 0.1, rowUpdates: 'all' };
      const parameters = createParameters(engine, { w: { shape: [5, 2], values: start } }, rule);
      const expected = fresh();
      for (const id of [3, 1, 0]) {
        parameters.step(({ w }) => {
          const sum = engine.tf.sum(engine.tf.square(engine.gatherRows(w!, Int32Array.of(id))));
          return { total: sum as never, parts: {} };
        });
        optimizerStep(
          expected,
          expected.w.map((value, k) => (k >> 1 === id ? 2 * value : 0)),
          rule,
        );
      }
      expectClose(parameters.read('w'), expected.w);
      parameters.dispose();
    });

    test('a table that is looked up in and used as a whole gets one dense gradient', () => {
      const rule: OptimizerSettings = { kind: 'sgd', learningRate: 0.1 };
      const parameters = createParameters(engine, { w: { shape: [5, 2], values: start } }, rule);
      parameters.step(({ w }) => {
        const row = engine.tf.sum(engine.gatherRows(w!, Int32Array.of(2)));
        return { total: engine.tf.add(squares(w!).total, row) as never, parts: {} };
      });
      const expected = [...start].map((v, k) => v - 0.1 * (v - target[k]! + (k >> 1 === 2 ? 1 : 0)));
      expectClose(parameters.read('w'), expected);
      parameters.dispose();
    });

    test('clipping, schedule, freezing', () => {
      const values = { shape: [5, 2], values: start };
      const schedule = { kind: 'linear', totalSteps: 2 } as const;
      const rule: OptimizerSettings = { kind: 'sgd', learningRate: 1, clipNorm: 0.5, schedule };
      const parameters = createParameters(engine, { w: values, still: values }, rule);
      parameters.freeze(['still']);
      const loss = ({ w, still }: NamedTensors): Loss => ({
        total: engine.tf.add(squares(w!).total, engine.tf.sum(still!)) as never,
        parts: {},
      });
      parameters.step(loss);
      const moved = parameters.read('w').map((value, k) => value - start[k]!);
      expect(Math.hypot(...moved)).toBeCloseTo(0.5, 4);
      expect(parameters.learningRate).toBeCloseTo(0.5);
      expect([...parameters.read('still')]).toEqual([...start]);
      parameters.dispose();
    });

    test('clipping counts looked-up rows, and shrinks them with the rest', () => {
      const initial = {
        table: { shape: [3, 1], values: Float32Array.of(7, 0, 7) },
        w: { shape: [1], values: Float32Array.of(0) },
      };
      const rule: OptimizerSettings = { kind: 'sgd', learningRate: 1, clipNorm: 1 };
      const parameters = createParameters(engine, initial, rule);
      parameters.step(({ table, w }) => {
        const row = engine.tf.mul(engine.tf.sum(engine.gatherRows(table!, Int32Array.of(1))), 3);
        return { total: engine.tf.add(row, engine.tf.mul(engine.tf.sum(w!), 4)) as never, parts: {} };
      });
      // Gradients of 3 and 4 have a norm of 5, so a fifth of each is taken.
      expectClose(parameters.read('table'), [7, -0.6, 7]);
      expectClose(parameters.read('w'), [-0.8]);
      parameters.step(({ table }) => {
        const row = engine.tf.mul(engine.tf.sum(engine.gatherRows(table!, Int32Array.of(0))), 3);
        return { total: row as never, parts: {} };
      });
      expectClose(parameters.read('table'), [6, -0.6, 7]);
      parameters.dispose();
    });

    test('NaN stops before anything is changed', () => {
      const parameters = createParameters(engine, { w: { shape: [5, 2], values: start } }, rules[0]!);
      const step = () =>
        parameters.step(({ w }) => {
          const total = engine.tf.sum(engine.tf.log(engine.tf.mul(engine.tf.square(w!), -1)));
          return { total: total as never, parts: { logs: total as never } };
        });
      expect(step).toThrow(/loss part 'logs' is NaN at step 1/);
      expect([...parameters.read('w')]).toEqual([...start]);
      parameters.dispose();
    });

    test('refuses bad settings and start values', () => {
      const make =
        (rule: Partial<OptimizerSettings>, values = start) =>
        () =>
          createParameters(
            engine,
            { w: { shape: [5, 2], values } },
            { kind: 'sgd', learningRate: 1, ...rule },
          );
      expect(make({ learningRate: 0 })).toThrow('learningRate is 0');
      expect(make({ learningRate: Number.NaN })).toThrow('learningRate is NaN');
      expect(make({ weightDecay: -1 })).toThrow('weightDecay is -1');
      expect(make({ clipNorm: 0 })).toThrow('clipNorm is 0');
      expect(make({}, start.slice(1))).toThrow("'w' has 9 values for shape [5,2]");
      expect(
        make(
          {},
          start.map((v, i) => (i === 3 ? Number.NaN : v)),
        ),
      ).toThrow("'w' holds NaN at position 3");
    });
  });

  describe('the loop', () => {
    /** A small autoencoder with dropout-like noise in its batches, so that random state matters. */
    function training(seed: number) {
      const rng = createRng(seed);
      const make = (rows: number) => Float32Array.from({ length: rows * 4 }, () => rng.normal() * 0.1);
      const parameters = createParameters(
        engine,
        { w: { shape: [12, 4], values: make(12) }, e: { shape: [12, 4], values: make(12) } },
        { kind: 'adam', learningRate: 0.05, schedule: { kind: 'cosine', totalSteps: 60 } },
      );
      const data = randomMatrix(16, 12, 5).map((row) => row.map((value) => (value > 0.8 ? 1 : 0)));
      function* batches() {
        const order = rng.shuffle(Array.from(data.keys()));
        for (let from = 0; from < 16; from += 4) {
          yield sparseOf(
            engine,
            order.slice(from, from + 4).map((row) => data[row]!),
          );
        }
      }
      const loss = ({ w, e }: NamedTensors, batch: ReturnType<typeof sparseOf>): Loss => {
        const h = engine.tf.tanh(engine.sparseMatMul(batch, w!));
        const hard = engine.softmaxCrossEntropy(engine.linearScores(h, e!), batch);
        return { total: hard, parts: { hard } };
      };
      const release = (batch: ReturnType<typeof sparseOf>) => batch.dispose();
      return { parameters, rng, batches, loss, release, stepsPerEpoch: 4 };
    }

    test('learns, reports progress, and ends with the best weights', async () => {
      const run = training(1);
      const metrics = [1, 3, 2, 2, 2, 9];
      let best: Float32Array | undefined;
      const seen: number[] = [];
      const result = await train({
        ...run,
        epochs: 6,
        validation: {
          patience: 2,
          metric() {
            const metric = metrics.shift()!;
            if (metric === 3) best = run.parameters.read('w');
            return metric;
          },
        },
        onProgress: ({ fraction }) => void seen.push(fraction),
      });
      expect(result).toMatchObject({ epochs: 4, steps: 16, stoppedEarly: true, bestEpoch: 2, bestMetric: 3 });
      expect([...run.parameters.read('w')]).toEqual([...best!]);
      expect(result.history.at(-1)!.losses.hard).toBeLessThan(result.history[0]!.losses.hard!);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen.length).toBeGreaterThanOrEqual(4);
      run.parameters.dispose();
    });

    test('same seed, same bytes; a resumed run ends like one that was never interrupted', async () => {
      const runs = [training(7), training(7), training(7)];
      const states: TrainingState[] = [];
      let calls = 0;
      const validation = { metric: () => [0.1, 0.5, 0.3, 0.4, 0.2][calls++ % 5]! };
      await train({ ...runs[0]!, epochs: 5, validation, onCheckpoint: (state) => void states.push(state) });
      calls = 0;
      await train({ ...runs[1]!, epochs: 5, validation });
      calls = 3;
      const resumed = await train({ ...runs[2]!, epochs: 5, validation, resumeFrom: states[2]! });
      for (const name of ['w', 'e']) {
        const bytes = runs.map(({ parameters }) => Buffer.from(parameters.read(name).buffer).toString('hex'));
        expect(bytes[1]).toBe(bytes[0]);
        expect(bytes[2]).toBe(bytes[0]);
      }
      expect(resumed).toMatchObject({ epochs: 5, steps: 20, bestEpoch: 2 });
      for (const { parameters } of runs) parameters.dispose();
    });

    test('a signal stops it between steps', async () => {
      const run = training(1);
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      const cancelled = train({ ...run, epochs: 1000, onProgress, signal: controller.signal });
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      expect(run.parameters.steps).toBeLessThan(100);
      run.parameters.dispose();
    });

    test('an absurd learning rate fails clearly', async () => {
      const run = training(1);
      const parameters = createParameters(
        engine,
        {
          w: { shape: [12, 4], values: run.parameters.read('w') },
          e: { shape: [12, 4], values: run.parameters.read('e') },
        },
        { kind: 'sgd', learningRate: 1e12 },
      );
      const diverged = train({ ...run, parameters, epochs: 20 });
      await expect(diverged).rejects.toMatchObject({ code: 'training-diverged' });
      await expect(diverged).rejects.toThrow(/learning rate/);
    });

    test('an epoch without batches is refused; async batches work', async () => {
      const run = training(1);
      const none = train({ ...run, batches: () => [], epochs: 1 });
      await expect(none).rejects.toThrow('the training set is empty');
      async function* later() {
        yield* run.batches();
      }
      await expect(train({ ...run, batches: later, epochs: 2 })).resolves.toMatchObject({ steps: 8 });
      run.parameters.dispose();
    });
  });

  test('memory is flat over 500 steps', () => {
    const rng = createRng(3);
    const values = (n: number) => Float32Array.from({ length: n }, () => rng.normal() * 0.1);
    const parameters = createParameters(
      engine,
      {
        w: { shape: [200, 8], values: values(1600) },
        e: { shape: [200, 8], values: values(1600) },
        table: { shape: [300, 8], values: values(2400) },
      },
      { kind: 'adam', learningRate: 0.01, clipNorm: 1 },
    );
    const step = () => {
      const batch = sparseOf(engine, [
        Array.from({ length: 200 }, () => (rng.next() < 0.05 ? 1 : 0)),
        Array(200).fill(0),
      ]);
      parameters.step(({ w, e, table }) => {
        const { tf } = engine;
        const h = tf.relu(engine.sparseMatMul(batch, w!));
        const logits = engine.linearScores(h, e!);
        const teacher = tensorOf(engine, randomMatrix(2, 200, 4));
        const hard = engine.softmaxCrossEntropy(logits, batch);
        const soft = engine.softKl(logits, teacher, { temperature: 2 });
        const head = engine.softmaxHeadLoss({ h, e: e!, labels: batch }, { memoryMiB: 0.001 });
        const rows = engine.gatherRows(table!, Int32Array.of(rng.int(300), rng.int(300)));
        const norm = tf.mean(tf.square(rows)) as never;
        return { total: tf.addN([hard, soft, head, norm]) as never, parts: { hard, soft, head, norm } };
      });
      batch.dispose();
    };
    for (let i = 0; i < 100; i++) step();
    const [tensors, rss] = [engine.numTensors(), process.memoryUsage.rss()];
    for (let i = 0; i < 400; i++) {
      step();
      expect(engine.numTensors()).toBe(tensors);
    }
    expect((process.memoryUsage.rss() - rss) / 2 ** 20).toBeLessThan(60);
    parameters.dispose();
  });
}
