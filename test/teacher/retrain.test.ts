import { expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import { columnSums } from '../../src/dataset/matrix.ts';
import { findNewItems } from '../../src/dataset/new-items.ts';
import type { TrainingContext } from '../../src/teacher/contract.ts';
import { trainSasrecTeacher } from '../../src/teacher/kinds/sasrec.ts';
import { trainSlistTeacher } from '../../src/teacher/kinds/slist.ts';
import { chosenTeacher, retrainTeacher } from '../../src/teacher/registry.ts';
import { createEnsemble } from '../../src/teacher/several/ensemble.ts';
import { sequencesOf } from '../helpers/data.ts';
import { testEngine } from '../helpers/engine.ts';

it('of models whose training is kept, what is solved at once learns more pairs, and a network stays as it was', async () => {
  const ITEMS = 6;
  const engine = await testEngine();
  const context = (train: Csr): TrainingContext => ({
    ...{ engine, train, rng: createRng(1), onProgress: () => {} },
    signal: new AbortController().signal,
  });
  const fewer = sequencesOf(
    [
      [0, 1, 2],
      [3, 4],
      [1, 2],
      [4, 5],
    ],
    ITEMS,
  );
  const more = sequencesOf(
    [
      [0, 1, 2, 5],
      [3, 4, 0],
      [1, 2, 5],
      [4, 5],
    ],
    ITEMS,
  );
  const network = await trainSasrecTeacher(
    {
      ...{ kind: 'sasrec', blocks: 1, heads: 1, dimensions: 4, maxLength: 5, epochs: 2, batchSize: 4 },
      ...{ learningRate: 0.01, dropout: 0, itemDropout: 0, samples: 0, weightDecay: 0 },
    },
    context(fewer),
  );
  const solved = await trainSlistTeacher(
    { kind: 'slist', form: 'full', lambda: [1], recency: 0.5, horizon: 0 },
    context(fewer),
  );
  const before = createEnsemble(engine, [
    { teacher: network, weight: 1 },
    { teacher: solved, weight: 3 },
  ]);
  const newItems = findNewItems(more, columnSums(fewer));
  const after = await retrainTeacher(
    chosenTeacher(before),
    { ...context(more), keepsTrained: true },
    newItems,
  );
  const [kept, learned] = after.members!;
  expect(kept!.teacher.state()).toEqual(network.state());
  expect(learned!.teacher.state().tensors).not.toEqual(solved.state().tensors);
  expect(after.members!.map(({ share }) => share)).toEqual([0.25, 0.75]);
  for (const teacher of [before, after]) teacher.dispose();
});
