import { createRng, type Rng } from '../../src/core/rng.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import type { SparseBatch } from '../../src/tensor/sparse/batch.ts';
import { createParameters, type Parameters } from '../../src/tensor/train/parameters.ts';

/** One training step, ready to be timed, and what to release afterwards. */
export interface Network {
  step(): number;
  dispose(): void;
}

type Activation = 'relu' | 'tanh';

/** The rows of the table. The PyTorch peer knows the same names. */
export const networks: Record<string, (engine: Engine) => Network> = {
  'softmax-10000-128-batch32': (engine) => autoencoder(engine, 32, 10_000, 128, 'relu', 0.01),
  'softmax-10000-128-batch512': (engine) => autoencoder(engine, 512, 10_000, 128, 'relu', 0.01),
  'softmax-4000-256-batch256': (engine) => autoencoder(engine, 256, 4_000, 256, 'tanh', 0.02),
  'distillation-10000-512-32-batch256': (engine) => distillation(engine, 256, 10_000, 512, 32),
  'bpr-30000x64-batch4096': (engine) => bpr(engine, 10_000, 20_000, 64, 4096),
};

function autoencoder(
  engine: Engine,
  batch: number,
  items: number,
  hidden: number,
  activation: Activation,
  density: number,
): Network {
  const rng = createRng(1);
  const x = multiHot(engine, rng, batch, items, density);
  const parameters = createParameters(
    engine,
    { w1: matrix(rng, items, hidden), w2: matrix(rng, items, hidden) },
    { kind: 'adam', learningRate: 1e-3 },
  );
  return network(parameters, [x], () => {
    const losses = parameters.step(({ w1, w2 }) => {
      const h = engine.tf[activation](engine.sparseMatMul(x, w1!));
      const loss = engine.softmaxHeadLoss({ h, e: w2!, labels: x });
      return { total: loss, parts: {} };
    });
    return losses.total!;
  });
}

function distillation(
  engine: Engine,
  batch: number,
  items: number,
  teacher: number,
  student: number,
): Network {
  const rng = createRng(1);
  const x = multiHot(engine, rng, batch, items, 0.01);
  const parameters = createParameters(
    engine,
    { s1: matrix(rng, items, student), s2: matrix(rng, items, student) },
    { kind: 'adam', learningRate: 1e-3 },
  );
  const frozen = createParameters(
    engine,
    { t1: matrix(rng, items, teacher), t2: matrix(rng, items, teacher) },
    { kind: 'sgd', learningRate: 1 },
  );
  const { tf } = engine;
  const release = { dispose: () => frozen.dispose() };
  return network(parameters, [x, release], () => {
    const scores = frozen.evaluate(({ t1, t2 }) =>
      engine.linearScores(tf.mul(tf.relu(engine.sparseMatMul(x, t1!)), 0.5), t2!),
    );
    const losses = parameters.step(({ s1, s2 }) => {
      const logits = engine.linearScores(tf.relu(engine.sparseMatMul(x, s1!)), s2!);
      const soft = engine.softKl(logits, scores, { temperature: 2, teacher: 'tempered' });
      const hard = engine.softmaxCrossEntropy(logits, x);
      return { total: tf.add(soft, hard), parts: { soft, hard } };
    });
    scores.dispose();
    return losses.total!;
  });
}

function bpr(engine: Engine, users: number, items: number, width: number, batch: number): Network {
  const rng = createRng(1);
  const parameters = createParameters(
    engine,
    { users: matrix(rng, users, width, 0.1), items: matrix(rng, items, width, 0.1) },
    // As in the peer: Adam moves every row, also those without a gradient in this batch.
    { kind: 'adam', learningRate: 1e-3, rowUpdates: 'all' },
  );
  const { tf } = engine;
  // A loop: Int32Array.from with a callback takes six times as long, a sixth of the step.
  const draw = (n: number) => {
    const ids = new Int32Array(batch);
    for (let i = 0; i < batch; i++) ids[i] = rng.int(n);
    return ids;
  };
  return network(parameters, [], () => {
    const [a, p, n] = [draw(users), draw(items), draw(items)];
    const losses = parameters.step((tables) => {
      const user = engine.gatherRows(tables.users!, a);
      const better = engine.gatherRows(tables.items!, p);
      const worse = engine.gatherRows(tables.items!, n);
      const margin = tf.sum(tf.mul(user, tf.sub(better, worse)), 1);
      const loss = tf.mean(tf.softplus(tf.neg(margin)));
      return { total: loss as never, parts: {} };
    });
    return losses.total!;
  });
}

function network(parameters: Parameters, held: { dispose(): void }[], step: () => number): Network {
  return {
    step,
    dispose() {
      parameters.dispose();
      for (const each of held) each.dispose();
    },
  };
}

function matrix(rng: Rng, rows: number, columns: number, scale = 0.05) {
  const values = Float32Array.from({ length: rows * columns }, () => rng.normal() * scale);
  return { shape: [rows, columns], values };
}

function multiHot(engine: Engine, rng: Rng, rows: number, columns: number, density: number): SparseBatch {
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) if (rng.next() < density) indices.push(column);
    indptr[row + 1] = indices.length;
  }
  const values = new Float32Array(indices.length).fill(1);
  return engine.sparseRows({ indptr, indices: Int32Array.from(indices), values, columns });
}
