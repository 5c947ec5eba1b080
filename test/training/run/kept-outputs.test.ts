import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { emptyCsr } from '../../../src/dataset/matrix.ts';
import { computeOutputs } from '../../../src/distillation/lists/teacher-outputs.ts';
import { openOutputs, packOutputs } from '../../../src/training/run/kept-outputs.ts';
import { testEngine } from '../../helpers/engine.ts';

async function lists(items: number, k: number, spread = 1) {
  const engine = await testEngine();
  const rng = createRng(2);
  const values = Float32Array.from({ length: 3 * items }, () => 20 + spread * rng.normal());
  const scores = () => engine.tf.tensor2d(values, [3, items]);
  const { signal } = new AbortController();
  return {
    values,
    outputs: await computeOutputs(engine, { scores }, emptyCsr(3, items), k, 'hidden', signal),
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
});
