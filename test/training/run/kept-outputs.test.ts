import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { computeOutputs } from '../../../src/distillation/lists/teacher-outputs.ts';
import { openOutputs, packOutputs } from '../../../src/training/run/kept-outputs.ts';
import { testEngine } from '../../helpers/engine.ts';

/** Three users with the last item each. */
const owning = (items: number) => ({
  ...{ rows: 3, columns: items, indptr: Int32Array.of(0, 1, 2, 3) },
  ...{ indices: new Int32Array(3).fill(items - 1), values: new Float32Array(3).fill(1) },
});

async function lists(items: number, k: number, spread = 1) {
  const engine = await testEngine();
  const rng = createRng(2);
  const values = Float32Array.from({ length: 3 * items }, () => 20 + spread * rng.normal());
  const scores = () => engine.tf.tensor2d(values, [3, items]);
  const { signal } = new AbortController();
  return {
    values,
    outputs: await computeOutputs(engine, { scores }, owning(items), k, 'hidden', signal),
  };
}

describe("a teacher's lists", () => {
  it.each([
    [40, 40, 2],
    [70_000, 5, 4],
  ])(
    'of %i items come back to the last bit, with %i places and ids of %i bytes',
    async (items, k, idBytes) => {
      const { outputs } = await lists(items, k);
      const kept = packOutputs(outputs);
      expect(kept.idBytes).toBe(idBytes);
      expect(kept.ids.byteLength + kept.below.byteLength).toBeLessThanOrEqual(3 * k * (idBytes + 2) + 4);
      expect(openOutputs(structuredClone(kept))).toEqual(outputs);
    },
  );

  it('hold scores to a thousandth of their distance from the best', async () => {
    const { values, outputs } = await lists(40, 10);
    for (let at = 0; at < 30; at++) {
      const user = Math.floor(at / 10);
      const exact = values[user * 40 + outputs.ids[at]!]!;
      const best = outputs.scores[user * 10]!;
      expect(Math.abs(outputs.scores[at]! - exact)).toBeLessThanOrEqual((best - exact) / 1000 + 1e-5);
    }
  });

  it('have places without an item', async () => {
    const { outputs } = await lists(40, 10);
    outputs.ids.fill(-1, 5, 10);
    outputs.scores.fill(0, 5, 10);
    expect(openOutputs(packOutputs(outputs))).toEqual(outputs);
  });

  it('are made of users with a history alone, as no batch has another', async () => {
    const engine = await testEngine();
    const one = { ...owning(5), indptr: Int32Array.of(0, 0, 1, 1), indices: Int32Array.of(4) };
    const asked: number[] = [];
    const scores = ({ rows }: { rows: number }) => {
      asked.push(rows);
      return engine.tf.tensor2d([1, 5, 3, 2, 9], [rows, 5]);
    };
    const { signal } = new AbortController();
    const { ids } = await computeOutputs(engine, { scores }, one, 2, 'hidden', signal);
    expect(asked).toEqual([1]);
    expect([...ids]).toEqual([-1, -1, 1, 2, -1, -1]);
  });
});
