import { beforeAll, describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createEngine, type Engine, type Tensor } from '../../src/tensor/engine.ts';
import { expectClose, flat, gradient, numericGradient, randomMatrix, sparseOf, tensorOf } from './helpers.ts';
import {
  crossEntropy,
  kl,
  type Matrix,
  matMul,
  ridgeRows,
  sigmoidCrossEntropy,
  softmax,
  transpose,
} from './reference.ts';

/** Every op of one backend: values against plain arithmetic, gradients against finite differences, bad input refused. */
export function engineContract(backend: 'native' | 'wasm' | 'cpu'): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ backend, threads: 2 });
  });

  const x: Matrix = [
    [0, 2, 0, 0, 1],
    [0, 0, 0, 0, 0],
    [1, 0, -1, 0.5, 0],
  ];
  const labels: Matrix = [
    [0, 0.5, 0, 0.5, 0],
    [0, 0, 1, 0, 0],
    [0.25, 0.25, 0.25, 0, 0.25],
  ];
  const multiHot: Matrix = [
    [0, 1, 0, 1, 1],
    [0, 0, 0, 0, 0],
    [1, 1, 0, 0, 0],
  ];
  const z = randomMatrix(3, 5, 1);
  const zT = randomMatrix(3, 5, 2, 2);
  const pairs = randomMatrix(3, 5, 3).map((row) => row.map(Math.abs));
  const h = randomMatrix(3, 4, 4);
  const e = randomMatrix(5, 4, 5);
  const c = randomMatrix(1, 5, 6);
  const scores = (hidden: Matrix, items: Matrix, bias: Matrix = c) =>
    matMul(hidden, transpose(items)).map((row) => row.map((value, j) => value + bias[0]![j]!));

  test('reports itself', () => {
    expect(engine.report).toMatchObject({ name: backend, requested: backend, deterministic: true });
    expect(engine.report.selfTestMs).toBeGreaterThan(0);
  });

  describe('sparse input', () => {
    test('product, its weight gradient and the dense form', () => {
      const w = randomMatrix(5, 4, 7);
      const batch = sparseOf(engine, x);
      expectClose(engine.sparseMatMul(batch, tensorOf(engine, w)).dataSync(), matMul(x, w).flat());
      const dy = randomMatrix(3, 4, 8);
      const weighted = (t: Tensor) => engine.tf.sum(engine.tf.mul(t, tensorOf(engine, dy)));
      const dw = gradient(engine, (t) => weighted(engine.sparseMatMul(batch, t)), tensorOf(engine, w));
      expectClose(dw, matMul(transpose(x), dy).flat());
      const product = engine.sparseMatMulTransposed(batch, tensorOf(engine, dy));
      expectClose(product.dataSync(), matMul(transpose(x), dy).flat());
      expectClose(engine.toDense(batch).dataSync(), x.flat());
      batch.dispose();
    });

    test('rows without history give zeros and no gradient', () => {
      const empty = sparseOf(engine, [[0, 0, 0]]);
      const w = tensorOf(engine, randomMatrix(3, 2, 9));
      expect([...engine.sparseMatMul(empty, w).dataSync()]).toEqual([0, 0]);
      expect([...gradient(engine, (t) => engine.tf.sum(engine.sparseMatMul(empty, t)), w)]).toEqual([
        0, 0, 0, 0, 0, 0,
      ]);
      expect([...engine.toDense(empty).dataSync()]).toEqual([0, 0, 0]);
    });

    test('refuses what is not a batch', () => {
      const rows =
        (indptr: number[], indices: number[], values: number[], columns = 3) =>
        () =>
          engine.sparseRows({
            indptr: Int32Array.from(indptr),
            indices: Int32Array.from(indices),
            values: Float32Array.from(values),
            columns,
          });
      expect(rows([0, 1, 2], [0, 3], [1, 1])).toThrow('row 1 holds id 3, which is outside 0..2 (limit 3)');
      expect(rows([0, 1], [-1], [1])).toThrow('row 0 holds id -1');
      expect(rows([0], [], [])).toThrow('empty batch');
      expect(rows([0, 1], [0], [Number.NaN])).toThrow('row 0, id 0: the value is NaN');
      expect(rows([0, 2], [0], [1])).toThrow('sparse rows disagree');
      expect(rows([0, 1, 0, 1], [0], [1])).toThrow('indptr decreases at row 1');
      expect(() => engine.sparseMatMul(sparseOf(engine, x), tensorOf(engine, e.slice(1)))).toThrow(
        'w needs 5 rows',
      );
    });
  });

  describe('scores and lookups', () => {
    test('linearScores and its three gradients', () => {
      const [H, E, C] = [tensorOf(engine, h), tensorOf(engine, e), engine.tf.tensor1d(flat(c))];
      expectClose(engine.linearScores(H, E, C).dataSync(), scores(h, e).flat());
      const loss = (t: Tensor) => engine.tf.sum(engine.tf.square(t));
      const plain = (t: Matrix) => t.flat().reduce((sum, value) => sum + value * value, 0);
      expectClose(
        gradient(engine, (t) => loss(engine.linearScores(t, E, C)), H),
        numericGradient((t) => plain(scores(t, e)), h),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => loss(engine.linearScores(H, t, C)), E),
        numericGradient((t) => plain(scores(h, t)), e),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => loss(engine.linearScores(H, E, t)), C),
        numericGradient((t) => plain(scores(h, e, t)), c),
        1e-3,
      );
    });

    test('gatherRows adds the gradients of repeated ids', () => {
      const table = tensorOf(engine, e);
      const ids = Int32Array.of(4, 0, 4);
      expectClose(engine.gatherRows(table, ids).dataSync(), [...e[4]!, ...e[0]!, ...e[4]!]);
      const dTable = gradient(engine, (t) => engine.tf.sum(engine.gatherRows(t, ids)), table);
      expectClose(
        dTable,
        [1, 0, 0, 0, 2].flatMap((n) => [n, n, n, n]),
      );
      expect(() => engine.gatherRows(table, Int32Array.of(0, 5))).toThrow('position 1 holds id 5');
      expect(() => engine.gatherRows(table, new Int32Array(0))).toThrow('empty batch');
    });

    test('topK, best first, the lower index first among equals', () => {
      const { values, indices } = engine.topK(
        engine.tf.tensor2d([
          [1, 5, 3, 5],
          [0, -1, -2, -3],
        ]),
        3,
      );
      expect([...values.dataSync()]).toEqual([5, 5, 3, 0, -1, -2]);
      expect([...indices.dataSync()]).toEqual([1, 3, 2, 0, 1, 2]);
      expect(() => engine.topK(engine.tf.zeros([2, 3]), 4)).toThrow('k is 4');
    });
  });

  describe('losses', () => {
    test.each([
      ['distributions', labels, undefined],
      ['rows of any sum, one of them empty', multiHot, undefined],
      ['row weights, one of them zero', multiHot, Float32Array.of(2, 1, 0)],
    ])('softmax cross-entropy: %s', (_, y, rowWeights) => {
      const Z = tensorOf(engine, z);
      const expected = numericGradient((t) => crossEntropy(t, y, rowWeights), z);
      for (const target of [tensorOf(engine, y), sparseOf(engine, y)]) {
        const loss = (t: Tensor) => engine.softmaxCrossEntropy(t, target, { rowWeights });
        expectClose(loss(Z).dataSync(), [crossEntropy(z, y, rowWeights)]);
        expectClose(gradient(engine, loss, Z), expected, 1e-3);
      }
    });

    test('cross-entropy by hand', () => {
      const loss = engine.softmaxCrossEntropy(
        engine.tf.tensor2d([[0, Math.log(3)]]),
        sparseOf(engine, [[0, 1]]),
      );
      expectClose(loss.dataSync(), [Math.log(4 / 3)]);
    });

    test('scores too large for exp', () => {
      const loss = (t: Tensor) => engine.softmaxCrossEntropy(t, sparseOf(engine, [[1, 0, 0]]));
      const Z = engine.tf.tensor2d([[900, 1000, -1000]]);
      expectClose(loss(Z).dataSync(), [100]);
      expectClose(gradient(engine, loss, Z), [-1, 1, 0]);
    });

    test('the gradient that skips the logits is the same gradient', () => {
      const [H, E, C] = [tensorOf(engine, h), tensorOf(engine, e), engine.tf.tensor1d(flat(c))];
      const y = sparseOf(engine, multiHot);
      const Y = tensorOf(engine, labels);
      const all = (hidden: Tensor, items: Tensor, bias: Tensor) => {
        const logits = engine.linearScores(hidden, items, bias);
        return engine.tf.addN([
          engine.softmaxCrossEntropy(logits, y),
          engine.softmaxCrossEntropy(logits, Y),
          engine.softKl(logits, tensorOf(engine, zT), {
            temperature: 3,
            pairWeights: tensorOf(engine, pairs),
          }),
        ]);
      };
      const plain = (t: Matrix) => crossEntropy(t, multiHot) + crossEntropy(t, labels) + kl(t, zT, 3, pairs);
      expectClose(
        gradient(engine, (t) => all(t, E, C), H),
        numericGradient((t) => plain(scores(t, e)), h),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => all(H, t, C), E),
        numericGradient((t) => plain(scores(h, t)), e),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => all(H, E, t), C),
        numericGradient((t) => plain(scores(h, e, t)), c),
        1e-3,
      );
    });

    test.each([
      ['plain', 1, undefined],
      ['temperature 4', 4, undefined],
      ['pair weights', 2, pairs],
      ['pair weights of a row all zero', 2, [pairs[0]!, [0, 0, 0, 0, 0], pairs[2]!]],
    ])('soft KL: %s', (_, temperature, weights) => {
      const Z = tensorOf(engine, z);
      const pairWeights = weights && tensorOf(engine, weights);
      const fromLogits = (t: Tensor) => engine.softKl(t, tensorOf(engine, zT), { temperature, pairWeights });
      expectClose(fromLogits(Z).dataSync(), [kl(z, zT, temperature, weights)]);
      const expected = numericGradient((t) => kl(t, zT, temperature, weights), z);
      expectClose(gradient(engine, fromLogits, Z), expected, 1e-3);
      const tempered = tensorOf(
        engine,
        zT.map((row) => row.map((value) => value / temperature)),
      );
      const fromTempered = engine.softKl(Z, tempered, { temperature, pairWeights, teacher: 'tempered' });
      expectClose(fromTempered.dataSync(), [kl(z, zT, temperature, weights)]);
      const p = tensorOf(
        engine,
        zT.map((row) => softmax(row, temperature)),
      );
      const fromP = (t: Tensor) =>
        engine.softKl(t, p, { temperature, pairWeights, teacher: 'probabilities' });
      expectClose(fromP(Z).dataSync(), [kl(z, zT, temperature, weights)]);
      expectClose(gradient(engine, fromP, Z), expected, 1e-3);
    });

    test('soft KL of equal scores is zero, by hand otherwise', () => {
      const Z = tensorOf(engine, z);
      expect(Math.abs(engine.softKl(Z, Z, { temperature: 2 }).dataSync()[0]!)).toBeLessThan(1e-5);
      const [even, skewed] = [engine.tf.tensor2d([[0, 0]]), engine.tf.tensor2d([[0, Math.log(3)]])];
      const byHand = 0.25 * Math.log(0.25 / 0.5) + 0.75 * Math.log(0.75 / 0.5);
      expectClose(engine.softKl(even, skewed, { temperature: 1 }).dataSync(), [byHand]);
    });

    test('sigmoid cross-entropy', () => {
      const Z = tensorOf(engine, z);
      const expected = numericGradient((t) => sigmoidCrossEntropy(t, multiHot), z);
      for (const target of [tensorOf(engine, multiHot), sparseOf(engine, multiHot)]) {
        const loss = (t: Tensor) => engine.sigmoidCrossEntropy(t, target);
        expectClose(loss(Z).dataSync(), [sigmoidCrossEntropy(z, multiHot)]);
        expectClose(gradient(engine, loss, Z), expected, 1e-3);
      }
    });

    test('refuse bad temperatures, weights and shapes', () => {
      const Z = tensorOf(engine, z);
      for (const temperature of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => engine.softKl(Z, Z, { temperature })).toThrow(`temperature is ${temperature}`);
      }
      const ce =
        (...rowWeights: number[]) =>
        () =>
          engine.softmaxCrossEntropy(Z, sparseOf(engine, labels), {
            rowWeights: Float32Array.from(rowWeights),
          });
      expect(ce(1, -1, 1)).toThrow('rowWeights[1] is -1');
      expect(ce(1, 1, Number.NaN)).toThrow('rowWeights[2] is NaN');
      expect(ce(1)).toThrow('1 entries for 3 rows');
      expect(() => engine.softmaxCrossEntropy(Z, sparseOf(engine, labels.slice(1)))).toThrow('labels [2,5]');
      expect(() => engine.softKl(Z, tensorOf(engine, h), { temperature: 1 })).toThrow(
        '[3,5] and [3,4] differ',
      );
      expect(() => engine.linearScores(tensorOf(engine, h), tensorOf(engine, z))).toThrow(
        'needed are [B,d], [N,d]',
      );
    });
  });

  describe('large catalogues', () => {
    test.each([64, 1e-4])('chunked softmax head with a budget of %f MiB', (memoryMiB) => {
      const [H, E, C] = [tensorOf(engine, h), tensorOf(engine, e), engine.tf.tensor1d(flat(c))];
      const y = sparseOf(engine, multiHot);
      const rowWeights = Float32Array.of(1, 1, 0.5);
      const loss = (hidden: Tensor, items: Tensor, bias: Tensor) =>
        engine.softmaxHeadLoss({ h: hidden, e: items, c: bias, labels: y }, { memoryMiB, rowWeights });
      const plain = (t: Matrix) => crossEntropy(t, multiHot, rowWeights);
      expectClose(loss(H, E, C).dataSync(), [plain(scores(h, e))]);
      expectClose(
        gradient(engine, (t) => loss(t, E, C), H),
        numericGradient((t) => plain(scores(t, e)), h),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => loss(H, t, C), E),
        numericGradient((t) => plain(scores(h, t)), e),
        1e-3,
      );
      expectClose(
        gradient(engine, (t) => loss(H, E, t), C),
        numericGradient((t) => plain(scores(h, e, t)), c),
        1e-3,
      );
    });

    test.each([
      ['fewer', h],
      ['more', [...h, ...randomMatrix(3, 4, 21)]],
    ] as const)('a head whose batch has %s rows than the layer is wide', (_, hidden) => {
      // Scores in the thousands, and users without items.
      const rows = hidden.map((row, i) => row.map((value) => value * (i === 0 ? 1000 : 1)));
      const own = rows.map((_, i) => multiHot[i % 3]!.map((y) => (i === 2 ? 0 : y)));
      const batch = sparseOf(engine, own);
      const [H, E] = [tensorOf(engine, rows), tensorOf(engine, e)];
      const loss = (t: Tensor, items: Tensor) => engine.softmaxHeadLoss({ h: t, e: items, labels: batch });
      const logits = engine.tf.tensor2d(matMul(rows, transpose(e)));
      const plain = engine.softmaxCrossEntropy(logits, batch);
      expectClose(loss(H, E).dataSync(), plain.dataSync());
      const other = (t: Tensor, items: Tensor) =>
        engine.softmaxCrossEntropy(engine.linearScores(t, items), batch);
      expectClose(
        gradient(engine, (t) => loss(t, E), H),
        gradient(engine, (t) => other(t, E), H),
      );
      expectClose(
        gradient(engine, (t) => loss(H, t), E),
        gradient(engine, (t) => other(H, t), E),
      );
      const none = sparseOf(
        engine,
        rows.map(() => [0, 0, 0, 0, 0]),
      );
      expect(engine.softmaxHeadLoss({ h: H, e: E, labels: none }).dataSync()[0]).toBeCloseTo(0, 6);
    });

    test('a budget below one column is refused with what to change', () => {
      const head = { h: tensorOf(engine, h), e: tensorOf(engine, e), labels: sparseOf(engine, multiHot) };
      expect(() => engine.softmaxHeadLoss(head, { memoryMiB: 1e-6 })).toThrow(
        'raise TENSOR_MEMORY_MIB or lower the batch size',
      );
    });

    test('sampled softmax over every item, each drawn once, is the full softmax', () => {
      const positives = Int32Array.of(1, 2, 0);
      const negatives = Int32Array.of(0, 1, 2, 3, 4);
      const loss = (hidden: Tensor, items: Tensor) =>
        engine.sampledSoftmaxLoss({ h: hidden, e: items, positives, negatives, logQ: new Float32Array(5) });
      const oneHot = [...positives].map((p) => e.map((_, j) => (j === p ? 1 : 0)));
      const plain = (hidden: Matrix, items: Matrix) => crossEntropy(matMul(hidden, transpose(items)), oneHot);
      const [H, E] = [tensorOf(engine, h), tensorOf(engine, e)];
      expectClose(loss(H, E).dataSync(), [plain(h, e)]);
      expectClose(
        gradient(engine, (t) => loss(H, t), E),
        numericGradient((t) => plain(h, t), e),
        1e-3,
      );
    });

    test('a sampled item stands for as many as it was drawn for, and the own one for itself', () => {
      const [positive, one, other] = [0.4, -0.3, 0.9];
      const [H, E] = [tensorOf(engine, [[1]]), tensorOf(engine, [[positive], [one], [other]])];
      const value = engine
        .sampledSoftmaxLoss({
          h: H,
          e: E,
          positives: Int32Array.of(0),
          // The own item was drawn too, and does not count twice.
          negatives: Int32Array.of(1, 0, 2),
          logQ: new Float32Array(3).fill(Math.log(0.25)),
        })
        .dataSync()[0]!;
      const all = Math.exp(positive) + 4 * (Math.exp(one) + Math.exp(other));
      expect(value).toBeCloseTo(Math.log(all) - positive, 5);
    });
  });

  describe('linear algebra', () => {
    const a = randomMatrix(6, 6, 10);
    const spd = matMul(a, transpose(a)).map((row, i) => row.map((value, j) => value + (i === j ? 1 : 0)));

    describe('ridge regressions of rows', () => {
      const x = [
        [1, 0, 2, 0, 0.5, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [1, 1, 0.5, 1, 1, 3],
      ];
      const y = randomMatrix(6, 3, 21);
      const gram = [[0.5, 1, 2]];
      const perPair = [[0.3]];
      const asVector = (t: Tensor) => engine.tf.reshape(t, [-1]) as Tensor;

      test('are those of the formula, with their three gradients', () => {
        const batch = sparseOf(engine, x);
        const [Y, G, P] = [y, gram, perPair].map((matrix) => tensorOf(engine, matrix)) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const solved = (Yt: Tensor, Gt: Tensor, Pt: Tensor) =>
          engine.ridgeRows(batch, Yt, asVector(Gt), asVector(Pt));
        expectClose(solved(Y, G, P).dataSync(), ridgeRows(x, y, gram[0]!, 0.3).flat(), 1e-3);
        const c = randomMatrix(4, 3, 22);
        const loss = (t: Tensor) => engine.tf.sum(engine.tf.mul(t, tensorOf(engine, c)));
        const plain = (u: Matrix) => u.flat().reduce((sum, value, i) => sum + value * c.flat()[i]!, 0);
        expectClose(
          gradient(engine, (t) => loss(solved(t, G, P)), Y),
          numericGradient((t) => plain(ridgeRows(x, t, gram[0]!, 0.3)), y),
          2e-3,
        );
        expectClose(
          gradient(engine, (t) => loss(solved(Y, t, P)), G),
          numericGradient((t) => plain(ridgeRows(x, y, t[0]!, 0.3)), gram),
          2e-3,
        );
        expectClose(
          gradient(engine, (t) => loss(solved(Y, G, t)), P),
          numericGradient((t) => plain(ridgeRows(x, y, gram[0]!, t[0]![0]!)), perPair),
          2e-3,
        );
        batch.dispose();
      });

      test('refuse shapes that do not fit', () => {
        const batch = sparseOf(engine, x);
        expect(() =>
          engine.ridgeRows(batch, tensorOf(engine, y), engine.tf.ones([2]), engine.tf.ones([1])),
        ).toThrow('they need y [6,d], gram [d] and perPair [1]');
        batch.dispose();
      });
    });

    test('cholesky by hand, solve and inverse', () => {
      const lower = engine.cholesky(
        engine.tf.tensor2d([
          [4, 2],
          [2, 10],
        ]),
      );
      expectClose(lower.dataSync(), [2, 0, 1, 3]);
      const b = randomMatrix(6, 2, 11);
      const solved = engine.solve(tensorOf(engine, spd), tensorOf(engine, matMul(spd, b)));
      expectClose(solved.dataSync(), b.flat(), 1e-3);
      const identity = engine.tf.matMul(
        engine.inverse(tensorOf(engine, spd)) as never,
        tensorOf(engine, spd) as never,
      );
      expectClose((identity as Tensor).dataSync(), engine.tf.eye(6).dataSync(), 1e-3);
      expect(() =>
        engine.cholesky(
          engine.tf.tensor2d([
            [1, 2],
            [2, 1],
          ]),
        ),
      ).toThrow('not positive definite');
      expect(() => engine.cholesky(engine.tf.zeros([2, 3]))).toThrow('must be square');
    });

    test('truncated SVD of small matrices is exact', () => {
      const diagonal = engine.tf.tensor2d([
        [3, 0, 0],
        [0, -2, 0],
      ]);
      const { u, s, v } = engine.truncatedSvd(diagonal, 2, { rng: createRng(1) });
      expectClose(s, [3, 2]);
      expectClose(u.dataSync(), [1, 0, 0, -1]);
      expectClose(v.dataSync(), [1, 0, 0, 1, 0, 0]);
    });

    test('truncated SVD keeps vectors whose largest entries cancel each other', () => {
      const half = [0.5, -0.5];
      const matrix = [
        [...half, 0, 0],
        [0, 0, ...half],
        [0, 0, ...half.map((x) => -x)],
      ];
      const { u, s, v } = engine.truncatedSvd(tensorOf(engine, matrix), 2, { rng: createRng(3) });
      expectClose(s, [1, Math.SQRT1_2]);
      const rebuilt = matMul(
        // [3, 2] times the singular values, and [2, 4]
        Array.from({ length: 3 }, (_, row) => [0, 1].map((k) => u.dataSync()[2 * row + k]! * s[k]!)),
        [0, 1].map((k) => Array.from({ length: 4 }, (_, column) => v.dataSync()[2 * column + k]!)),
      );
      expectClose(rebuilt.flat(), matrix.flat());
    });

    test('truncated SVD finds a low-rank matrix from its products alone', () => {
      const low = matMul(randomMatrix(30, 3, 12), randomMatrix(3, 20, 13));
      const batch = sparseOf(engine, low);
      const operator = {
        rows: 30,
        cols: 20,
        multiply: (t: Tensor) => engine.sparseMatMul(batch, t),
        multiplyTransposed: (t: Tensor) => engine.sparseMatMulTransposed(batch, t),
      };
      const { u, s, v } = engine.truncatedSvd(operator, 3, { rng: createRng(2), oversample: 4 });
      const rebuilt = engine.tf.matMul(
        engine.tf.mul(u, engine.tf.tensor1d(s)) as never,
        v as never,
        false,
        true,
      );
      expectClose((rebuilt as Tensor).dataSync(), low.flat(), 1e-3);
      expect(() => engine.truncatedSvd(tensorOf(engine, low), 21, { rng: createRng(1) })).toThrow(
        'rank is 21',
      );
    });
  });
}
