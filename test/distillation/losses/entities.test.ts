import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Step } from '../../../src/distillation/lists/step.ts';
import type { TeacherSource } from '../../../src/distillation/lists/teacher-source.ts';
import { entitiesOf } from '../../../src/distillation/losses/entities.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const ITEMS = 40;
/** Each of 30 users owns one item, their own number; the rest of the catalogue is nobody's. */
const own = csrOf(
  Array.from({ length: 30 }, (_, user) => Array.from({ length: ITEMS }, (_, item) => +(item === user))),
);
const factors = { output: Float32Array.from({ length: ITEMS }, (_, item) => item), width: 1 };

function itemsDrawn(unknown?: number[]): number[] {
  const source = {
    teacher: { hidden: () => engine.tf.zeros([30, 1]) },
    ...(unknown && { unknown: Int32Array.from(unknown) }),
  } as unknown as TeacherSource;
  const sides = entitiesOf(engine, source, { own } as Step, factors, createRng(2));
  const ids = sides.length > 1 ? [...sides[1]!.teacher.dataSync()] : [];
  engine.tf.dispose(sides.map(({ teacher }) => teacher));
  return ids;
}

describe('entities of a batch', () => {
  it('are items of many users and of nobody, each once and with its own vector', () => {
    const ids = itemsDrawn();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeLessThanOrEqual(30);
    expect(ids.filter((id) => id < 30).length).toBeGreaterThan(10);
    expect(ids.some((id) => id >= 30)).toBe(true);
  });

  it('are none that the teacher does not know, and users alone where no item is left', () => {
    const unknown = Array.from({ length: 35 }, (_, item) => item);
    expect(itemsDrawn(unknown).every((id) => id >= 35)).toBe(true);
    expect(itemsDrawn(Array.from({ length: ITEMS }, (_, item) => item))).toEqual([]);
  });
});
