import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { hintLoss } from '../../src/distillation/losses/fitnet.ts';
import {
  chooseExperts,
  gateTemperature,
  gumbelNoise,
  mixtureLoss,
} from '../../src/distillation/losses/mixture.ts';
import { auxiliaryParameters } from '../../src/distillation/losses/registry.ts';
import type { Engine, Tensor } from '../../src/tensor/engine.ts';
import { testEngine } from '../helpers/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

function numbers(make: (t: (values: number[][]) => Tensor) => Tensor): number[] {
  const { tf } = engine;
  return [...tf.tidy(() => make((values) => tf.tensor2d(values)).dataSync())];
}

describe('the hint', () => {
  it("is the mean square between the teacher's hidden layer and its prediction", () => {
    // [1, 2] W = [1, 2, 3] and a bias of 1; hidden [2, 3, 6]: squares 0, 0, 4.
    const [loss] = numbers((t) => {
      const w = t([
        [1, 0, 1],
        [0, 1, 1],
      ]);
      return hintLoss(engine, t([[1, 2]]), t([[2, 3, 6]]), w, engine.tf.tensor1d([1, 1, 1]));
    });
    expect(loss).toBeCloseTo(4 / 3, 5);
  });
});

describe('the mixture of experts', () => {
  it('is the answer of the expert that is chosen', () => {
    const [first, second] = [
      [1, 0],
      [0, 1],
    ].map((choice) =>
      numbers((t) =>
        mixtureLoss(engine, t([[2]]), t([[7]]), t([choice]), {
          first: t([[1, 2]]),
          firstBias: engine.tf.tensor1d([0, -1]),
          // Two experts, one inner unit each, one number out: 3 x relu(2) + 1 = 7 and 1 x relu(4 - 1) = 3.
          second: engine.tf.tensor3d([[[3]], [[1]]]),
          secondBias: engine.tf.tensor3d([[[1]], [[0]]]),
        }),
      ),
    );
    expect(first![0]).toBeCloseTo(0, 6);
    expect(second![0]).toBeCloseTo(16, 4);
  });

  it('is chosen softly at first and almost surely in the end', () => {
    const choice = (temperature: number) =>
      numbers((t) => chooseExperts(engine, t([[1]]), t([[0.2, 0]]), t([[0, 0]]), temperature));
    expect(choice(gateTemperature(0))[0]).toBeCloseTo(1 / (1 + Math.exp(-0.2)), 5);
    expect(choice(gateTemperature(1))[0]).toBeGreaterThan(0.999);
  });

  it('draws with Gumbel noise in proportion to the softmax of the gate', () => {
    const rng = createRng(5);
    const noise = gumbelNoise(4000, 2, rng);
    let first = 0;
    for (let row = 0; row < 4000; row++) if (Math.log(3) + noise[2 * row]! > noise[2 * row + 1]!) first++;
    expect(first / 4000).toBeCloseTo(0.75, 1);
  });

  it('gets parameters of the shapes that it needs, and only where it is asked for', () => {
    const shapes = (...losses: Parameters<typeof auxiliaryParameters>[0][number][]) =>
      Object.fromEntries(
        Object.entries(auxiliaryParameters(losses, 4, { user: 6, item: 10 }, createRng(1))).map(
          ([name, x]) => [name, x.shape.join()],
        ),
      );
    expect(shapes({ kind: 'hardLabels', weight: 1 }, { kind: 'ftd', weight: 1 })).toEqual({});
    expect(shapes({ kind: 'fitnet', weight: 1 })).toEqual({ 'fitnet.w': '4,6', 'fitnet.b': '6' });
    expect(shapes({ kind: 'de', weight: 1, experts: 3 })).toMatchObject({
      'de.user.gate': '6,3',
      'de.user.first': '4,15',
      'de.user.second': '3,5,6',
      'de.item.gate': '10,3',
      'de.item.secondBias': '3,1,10',
    });
  });
});
