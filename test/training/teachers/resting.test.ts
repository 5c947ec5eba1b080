import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { createRng } from '../../../src/core/rng.ts';
import { selectRows } from '../../../src/dataset/matrix.ts';
import type { Teacher } from '../../../src/teacher/contract.ts';
import { planSingle, trainTeacher } from '../../../src/teacher/registry.ts';
import { createEnsemble } from '../../../src/teacher/several/ensemble.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { createStages } from '../../../src/training/run/stages.ts';
import { restingTeacher } from '../../../src/training/teachers/resting.ts';
import { blocks } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const { train } = blocks();
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const stagesIn = (folder: string, asideFromMiB = 0) =>
  createStages({
    ...{ folder, jobKey: 'job-1', checkpointSeconds: 0, mostCacheMiB: 1, asideFromMiB },
    logger: createLogger('test', 'silent'),
  });

async function trained(kind: string): Promise<Teacher> {
  const size = { users: train.rows, items: train.columns };
  const context = { engine, rng: createRng(1), train, onProgress() {}, signal: new AbortController().signal };
  return trainTeacher(planSingle({ kind }, size), context);
}

async function ensemble(): Promise<Teacher> {
  const members = [await trained('ease'), await trained('popularity')];
  return createEnsemble(
    engine,
    members.map((teacher, i) => ({ teacher, weight: i + 1 })),
  );
}

const few = selectRows(train, [0, 1, 2]);

describe('a teacher that rests', () => {
  it('holds no tensors meanwhile, and answers as before once it is awake', async () => {
    const folder = await temporaryFolder();
    await expectNoLeak(async () => {
      const { teacher, rest, wake } = restingTeacher(
        { engine, stages: stagesIn(folder) },
        'one',
        await ensemble(),
      );
      const before = readScores(teacher, few);
      const member = readScores(teacher.members![0]!.teacher, few);
      const { description, bytes } = teacher;
      await rest();
      expect(() => teacher.scores(few)).toThrow('one is asked while it is at rest');
      expect(() => teacher.members![0]!.teacher.scores(few)).toThrow('at rest');
      expect(teacher).toMatchObject({ description, bytes });
      await wake();
      await wake();
      expect(readScores(teacher, few)).toEqual(before);
      expect(readScores(teacher.members![0]!.teacher, few)).toEqual(member);
      teacher.dispose();
    });
  });

  it('has released its tensors when it is put aside', async () => {
    const inner = await trained('ease');
    const tensors = engine.numTensors();
    const { teacher, rest } = restingTeacher(
      { engine, stages: stagesIn(await temporaryFolder()) },
      'one',
      inner,
    );
    await rest();
    expect(engine.numTensors()).toBeLessThan(tensors);
    teacher.dispose();
  });

  it('stays awake where it is small, or cannot be written', async () => {
    const inner = await trained('ease');
    const nowhere = path.join('/dev/null', 'stages');
    for (const stages of [stagesIn(await temporaryFolder(), 1), stagesIn(nowhere)]) {
      const { teacher, rest } = restingTeacher({ engine, stages }, 'one', inner);
      await rest();
      expect(readScores(teacher, few)).toEqual(readScores(inner, few));
    }
    inner.dispose();
  });

  it('is no list that was made elsewhere', async () => {
    const listed = { ...(await trained('popularity')), listed: train };
    const { teacher, rest } = restingTeacher(
      { engine, stages: stagesIn(await temporaryFolder()) },
      'one',
      listed,
    );
    await rest();
    expect(teacher).toBe(listed);
    expect(() => readScores(teacher, few)).not.toThrow();
    teacher.dispose();
  });
});
