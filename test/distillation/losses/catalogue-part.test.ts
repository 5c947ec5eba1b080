import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { CataloguePart } from '../../../src/distillation/lists/step.ts';
import { listsOf } from '../../../src/distillation/losses/batch-lists.ts';
import {
  choosePart,
  listsInPart,
  outputInPart,
  placesInPart,
  rowsInPart,
} from '../../../src/distillation/losses/catalogue-part.ts';
import { mixLosses } from '../../../src/distillation/losses/registry.ts';
import { viewStudent } from '../../../src/distillation/losses/student-view.ts';
import type { LossSettings } from '../../../src/domain/losses/loss-spec.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { hard, outputsOf } from '../batch.ts';

const RANKS: LossSettings = { kind: 'rankLabels', weight: 1, temperature: 2, top: 3, samples: 0 };
/** Users of six items: they have 0 and 5; lists name 1, 2 and 4. */
const OWN = csrOf([
  [1, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 2],
]);
const OUTPUTS = outputsOf([
  [2, 1],
  [4, 2],
]);
const USERS = Int32Array.of(0, 1);
const choose = (samples: number, seed = 1) =>
  choosePart(
    { wanted: [OWN], lists: [listsOf(OUTPUTS, USERS, 2)], top: 2 },
    OWN.columns,
    samples,
    createRng(seed),
  );

describe('a part of the catalogue', () => {
  it('has all that is wanted or listed, by their places', () => {
    const part = choose(0);
    expect([...part.ids]).toEqual([0, 1, 2, 4, 5]);
    expect([...part.corrections]).toEqual([0, 0, 0, 0, 0]);
    expect([...rowsInPart(OWN, part).indices]).toEqual([0, 4]);
    expect(rowsInPart(OWN, part).columns).toBe(5);
    const lists = listsInPart(listsOf(OUTPUTS, USERS, 2), part);
    expect([...lists.ids].map((place) => part.ids[place])).toEqual([2, 1, 4, 2]);
  });

  it('leaves out the rest of a history that is in no list', () => {
    const only = choosePart({ wanted: [], lists: [], top: 0 }, 6, 6, createRng(1));
    const part = { ...only, places: only.places.map((place, item) => (item === 5 ? -1 : place)) };
    expect([...rowsInPart(OWN, part).indptr]).toEqual([0, 1, 1]);
  });

  it('stands for the whole: in the mean over draws its exponentials have the sum of all', () => {
    const items = 400;
    const scores = Float64Array.from({ length: items }, (_, item) => Math.sin(item) + (item < 3 ? 3 : 0));
    const whole = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    const listed = {
      width: 3,
      ids: Int32Array.of(0, 1, 2),
      scores: new Float32Array(3),
      lengths: Int32Array.of(3),
    };
    let sum = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { ids, corrections } = choosePart(
        { wanted: [], lists: [listed], top: 3 },
        items,
        40,
        createRng(seed),
      );
      ids.forEach((item, place) => {
        sum += Math.exp(scores[item]! + corrections[place]!) / 300;
      });
    }
    expect(Math.abs(sum / whole - 1)).toBeLessThan(0.02);
  });

  it('holds the ranks that a falling temperature still wants', () => {
    const falling: LossSettings = { ...RANKS, top: 50, temperature: { schedule: 'linear', from: 10, to: 2 } };
    expect(placesInPart([falling, hard()], 0)).toBe(30);
    expect(placesInPart([falling, hard()], 1)).toBe(6);
    expect(placesInPart([{ ...RANKS, top: 4 }], 0)).toBe(4);
    expect(placesInPart([hard()], 0)).toBe(0);
  });
});

describe('losses over a part', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await testEngine();
  });

  function lossesOver(part: CataloguePart | undefined): Record<string, number> {
    const { tf } = engine;
    const hidden = part ? rowsInPart(OWN, part) : OWN;
    const hiddenEntries = engine.sparseRows(hidden);
    const teacher = { lists: () => OUTPUTS } as never;
    const step = { users: USERS, own: OWN, hidden, hiddenEntries, seen: OWN, wanted: hidden, progress: 0 };
    const setup = { engine, items: 6, teacher, rng: createRng(1) };
    const mix = mixLosses([RANKS, hard(0.5)], setup).prepare({ ...step, ...(part && { part }) });
    const value = tf.tidy(() => {
      const output = {
        user: tf.tensor2d([1, -1, 0.5, 2], [2, 2]),
        items: tf.tensor2d([0, 1, 1, 0, 2, 1, -1, 0, 0.5, 0.5, 1, 1], [6, 2]),
        itemBias: tf.tensor1d([0, 0.1, 0.2, 0.3, 0.4, 0.5]),
      };
      const seen = part ? outputInPart(engine, output, part) : output;
      const { parts } = mix.loss(viewStudent(engine, seen, hiddenEntries, {}));
      return Object.fromEntries(Object.entries(parts).map(([kind, one]) => [kind, one.dataSync()[0]!]));
    });
    mix.dispose();
    hiddenEntries.dispose();
    return value;
  }

  it('that is all of it are what they are over all', async () => {
    await expectNoLeak(async () => {
      const [whole, part] = [lossesOver(undefined), lossesOver(choose(6))];
      expect(part.rankLabels).toBeCloseTo(whole.rankLabels!, 5);
      expect(part.hardLabels).toBeCloseTo(whole.hardLabels!, 5);
    });
  });

  it('without an item are less by what it takes of the softmax', () => {
    const [whole, part] = [lossesOver(undefined), lossesOver(choose(0))];
    expect(part.hardLabels).toBeLessThan(whole.hardLabels!);
  });
});
