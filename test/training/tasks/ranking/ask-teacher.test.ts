import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { createListsInMemory } from '../../../../src/distillation/lists/teacher-outputs.ts';
import { completeLoss } from '../../../../src/domain/losses/complete-losses.ts';
import type { LossSettings } from '../../../../src/domain/losses/loss-spec.ts';
import type { Teacher } from '../../../../src/teacher/contract.ts';
import type { Engine } from '../../../../src/tensor/engine.ts';
import { asksWhileTraining, askTeacher } from '../../../../src/training/tasks/ranking/ask-teacher.ts';
import { planLosses } from '../../../../src/training/tasks/ranking/plan-losses.ts';
import { blocks } from '../../../helpers/data.ts';
import { testEngine } from '../../../helpers/engine.ts';

const { train } = blocks();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const lossesOf = (...kinds: LossSettings['kind'][]) =>
  planLosses(
    kinds.map((kind) => completeLoss({ kind })),
    train.columns,
  );

/** A teacher that counts how often it is asked. */
function counting() {
  const asked = { times: 0 };
  const teacher = {
    scores({ rows, columns }: typeof train) {
      asked.times++;
      return engine.tf.zeros([rows, columns]);
    },
  } as unknown as Teacher;
  return { asked, teacher };
}

const ask = (teacher: Teacher, epochs: number, cache = createListsInMemory()) =>
  askTeacher(
    teacher,
    { losses: lossesOf('rankLabels'), dropout: 0, epochs },
    { engine, rng: createRng(1), train, onProgress() {}, signal: new AbortController().signal },
    train,
    { cache },
  );

describe("a teacher's lists", () => {
  it('are asked for once for one cache', async () => {
    const { asked, teacher } = counting();
    const cache = createListsInMemory();
    const first = await ask(teacher, 2, cache);
    const { times } = asked;
    const again = await ask(teacher, 2, cache);
    expect(times).toBeGreaterThan(0);
    expect(asked.times).toBe(times);
    expect(again.source.lists('hidden')).toBe(first.source.lists('hidden'));
  });

  it('are not asked for where nothing is taught', async () => {
    const { asked, teacher } = counting();
    const { source } = await ask(teacher, 0);
    expect(asked.times).toBe(0);
    expect(new Set(source.lists('hidden').ids)).toEqual(new Set([-1]));
  });
});

describe('while a student is trained', () => {
  it('its teacher is asked for scores and layers, not for lists and data', () => {
    expect(asksWhileTraining(lossesOf('rankLabels', 'hardLabels'))).toBe(false);
    expect(asksWhileTraining(lossesOf('softLabels'))).toBe(true);
    expect(asksWhileTraining(lossesOf('rankLabels', 'fitnet'))).toBe(true);
  });
});
