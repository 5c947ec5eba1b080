import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { hashOfStart } from '../../../src/training/run/hash-of-start.ts';
import { settingsAgain, studentAgain } from '../../../src/training/run/start-again.ts';
import { csrOf } from '../../helpers/data.ts';

const weights = {
  itemsOut: { shape: [1, 2], values: Float32Array.of(1, 2) },
  itemBias: { shape: [1], values: Float32Array.of(3) },
  'head.0.bias': { shape: [1], values: Float32Array.of(4) },
};

describe('a student that is taught on', () => {
  it('starts from all its parameters, with rows for new items', () => {
    const newItems = { rows: Int32Array.of(1), map: csrOf([[1], [1]]) };
    const start = studentAgain({ weights, newItems }, createRng(1));
    expect(start.itemsOut!.shape).toEqual([2, 2]);
    expect([...start.itemsOut!.values.subarray(0, 2)]).toEqual([1, 2]);
    const added = [...start.itemsOut!.values.subarray(2)];
    expect(added).not.toEqual([1, 2]);
    for (const [k, value] of added.entries()) expect(Math.abs(value - (k + 1))).toBeLessThan(0.5);
    expect([...start.itemBias!.values]).toEqual([3, 3]);
    expect(start['head.0.bias']).toEqual(weights['head.0.bias']);
  });

  it('has half of the epochs, sees rounding in as great a share, and keeps frozen what was always frozen', () => {
    const freeze = [
      { parameter: 'itemsIn', epochs: 8 },
      { parameter: 'itemsOut', epochs: 3 },
    ];
    const settings = { epochs: 8, roundedEpochs: 2, learningRate: 0.1, freeze, batchSize: 4 };
    const again = { epochs: 4, roundedEpochs: 1, learningRate: 0.1, freeze: [freeze[0]], batchSize: 4 };
    expect(settingsAgain(settings)).toEqual(again);
    expect(settingsAgain({ epochs: 1, roundedEpochs: 1, learningRate: 1 }).epochs).toBe(1);
  });

  it('goes on from no checkpoint of other weights', () => {
    const teacher = { settings: {}, weights, members: [] };
    const other = { ...weights, itemBias: { shape: [1], values: Float32Array.of(9) } };
    const hashes = [
      hashOfStart(teacher, weights),
      hashOfStart({ ...teacher, weights: other }, weights),
      hashOfStart(teacher, other),
      hashOfStart({ settings: {}, members: [{ chosen: teacher, share: 1 }] }, other),
    ];
    expect(hashOfStart(structuredClone(teacher), structuredClone(weights))).toBe(hashes[0]);
    expect(new Set(hashes.slice(0, 3)).size).toBe(3);
    expect(hashes[3]).toBe(hashes[2]);
  });
});
