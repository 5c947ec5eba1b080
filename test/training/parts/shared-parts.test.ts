import { pino } from 'pino';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { selectRows } from '../../../src/dataset/matrix.ts';
import type { TeacherParts, TeacherState, TrainingContext } from '../../../src/teacher/contract.ts';
import {
  planSingle,
  type SingleSettings,
  type TrainedSettings,
  trainTeacher,
} from '../../../src/teacher/registry.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import type { PartDesk, PartEnded } from '../../../src/training/parts/contract.ts';
import { onlyPart, shareParts } from '../../../src/training/parts/shared-parts.ts';
import { blocks } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

const { train } = blocks();
const logger = pino({ level: 'silent' });
let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const SIZE = { users: train.rows, items: train.columns, pairs: train.indices.length };
const ease = (lambda: number) =>
  ({ ...planSingle({ kind: 'ease' }, SIZE), lambda: [lambda] }) as SingleSettings;
const AUTO: TrainedSettings = {
  kind: 'auto',
  budgetSeconds: 60,
  candidates: [ease(1), ease(20), ease(500)],
  leftOut: [],
};

const context = (parts?: TeacherParts): TrainingContext => ({
  engine,
  rng: createRng(1),
  train,
  onProgress: () => {},
  signal: new AbortController().signal,
  validation: { metric: (scores) => scores(selectRows(train, [0]))[3]!, every: 1, patience: 1 },
  parts,
});

function createStages() {
  const kept = new Map<string, TeacherState>();
  return {
    kept,
    loadTeacher: async (hash: string) => kept.get(hash),
    saveTeacher: async (hash: string, state: TeacherState) => void kept.set(hash, structuredClone(state)),
  };
}

/** Two workers that see each other's locks. `onOffer` plays what the other does with what it is offered. */
function createDesk(onOffer: (parts: readonly string[], locks: Set<string>) => void) {
  const locks = new Set<string>();
  const asked: string[] = [];
  const desk: PartDesk = {
    offer: (parts) => onOffer(parts, locks),
    async claim(part) {
      asked.push(part);
      if (locks.has(part)) return false;
      locks.add(part);
      return true;
    },
    release: (part) => void locks.delete(part),
  };
  return { desk, locks, asked };
}

async function scoresOf(parts?: TeacherParts): Promise<number[]> {
  const teacher = await trainTeacher(AUTO, context(parts));
  try {
    return readScores(teacher, train).flatMap((row) => [...row]);
  } finally {
    teacher.dispose();
  }
}

describe('a teacher whose candidates two trainers make', () => {
  const help = (stages: ReturnType<typeof createStages>, part: string, whole = 'whole') =>
    trainTeacher(AUTO, context(onlyPart({ whole, stages }, part))).then(
      () => expect.fail('a trainer of one part makes no whole'),
      (error) => error as PartEnded,
    );

  it('is to the last bit what one makes alone, and each candidate is made once', async () => {
    const alone = await scoresOf();
    const stages = createStages();
    let offered: readonly string[] = [];
    const { desk, locks, asked } = createDesk((parts, held) => {
      offered = parts;
      // The other worker takes the last candidate, and is done after a while.
      held.add(parts[0]!);
      setTimeout(async () => {
        expect(await help(stages, parts[0]!)).toMatchObject({ isKept: true });
        held.delete(parts[0]!);
      }, 300);
    });
    const before = stages.kept.size;
    expect(
      await scoresOf(shareParts({ whole: 'whole', engine, stages, logger, fromSeconds: 0 }, desk)),
    ).toEqual(alone);
    expect(before).toBe(0);
    expect(offered).toHaveLength(2);
    expect(stages.kept.size).toBe(3);
    expect(asked.filter((part) => part === offered[0]).length).toBeGreaterThan(1);
    expect(locks.size).toBe(0);
    // Another attempt of the job finds all of them.
    const again = createDesk(() => {});
    const noTraining = { ...stages, saveTeacher: () => Promise.reject(new Error('trained again')) };
    const parts = shareParts(
      { whole: 'whole', engine, stages: noTraining, logger, fromSeconds: 0 },
      again.desk,
    );
    expect(await scoresOf(parts)).toEqual(alone);
  });

  it('makes what the other has left behind when it died', async () => {
    const stages = createStages();
    const { desk } = createDesk((parts, held) => {
      held.add(parts[0]!);
      setTimeout(() => held.delete(parts[0]!), 250);
    });
    expect(
      await scoresOf(shareParts({ whole: 'whole', engine, stages, logger, fromSeconds: 0 }, desk)),
    ).toEqual(await scoresOf());
    expect(stages.kept.size).toBe(3);
  });

  it('offers nothing that is not worth it', async () => {
    const { desk } = createDesk(() => expect.fail('nothing is worth it'));
    const stages = createStages();
    await scoresOf(shareParts({ whole: 'whole', engine, stages, logger, fromSeconds: 1e6 }, desk));
  });

  it('is not begun by a trainer that finds other data than those of the job', async () => {
    const stages = createStages();
    let offered: readonly string[] = [];
    const { desk } = createDesk((parts) => {
      offered = parts;
    });
    await scoresOf(shareParts({ whole: 'whole', engine, stages, logger, fromSeconds: 0 }, desk));
    stages.kept.clear();
    expect(await help(stages, offered[0]!, 'other data')).toMatchObject({ isKept: false });
    expect(stages.kept.size).toBe(0);
  });
});
