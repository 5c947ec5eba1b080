import { setTimeout as sleep } from 'node:timers/promises';
import { twoTastes } from '../helpers/two-tastes.ts';

export interface Filled {
  /** Name of the model, whose version 1 is stable and whose version 2 is the alias `candidate`. */
  model: string;
  /** Jobs that trained versions 1 and 2. */
  jobs: [first: string, second: string];
  /** A user with a history, and the items that are right to recommend to this user. */
  user: { id: string; wanted: string[] };
}

const MODEL = 'two-tastes';

/** A small job that trains in seconds. @param dimensions tell versions apart */
export const specOf = (dimensions: number, alias: string) => ({
  model: MODEL,
  teacher: { kind: 'softmax', hidden: [64], epochs: 12, batchSize: 32, learningRate: 0.005 },
  student: { kind: 'fold-in', dimensions },
  distillation: { epochs: 12, batchSize: 32, learningRate: 0.01, seed: 7 },
  evaluation: { refit: false },
  publish: { alias },
});

type Send = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ id: string; state: string; problem: unknown }>;

/** A catalogue of forty films, clicks of users of two tastes, and two versions of a model. */
export async function fillService(send: Send): Promise<Filled> {
  const { rows, unseen } = twoTastes(60);
  const ids = [...new Set(rows.map(({ itemId }) => itemId))].sort();
  await send('POST', '/items', {
    items: ids.map((itemId) => ({
      itemId,
      title: `${itemId.startsWith('a') ? 'Harbour' : 'Mountain'} ${itemId.slice(2)}`,
      categories: [itemId.startsWith('a') ? 'Sea' : 'Land'],
    })),
  });
  for (let at = 0; at < rows.length; at += 1000) {
    await send('POST', '/interactions', { interactions: rows.slice(at, at + 1000) });
  }
  const first = await send('POST', '/jobs', specOf(8, 'stable'));
  await succeeded(send, first.id);
  const second = await send('POST', '/jobs', specOf(16, 'candidate'));
  await succeeded(send, second.id);
  const [id, wanted] = [...unseen][0]!;
  return { model: MODEL, jobs: [first.id, second.id], user: { id, wanted } };
}

/** Waits for the end of a job. @throws where it is another one than success */
async function succeeded(send: Send, id: string): Promise<void> {
  for (;;) {
    const { state, problem } = await send('GET', `/jobs/${id}`);
    if (state === 'succeeded') return;
    if (state === 'failed' || state === 'cancelled')
      throw new Error(`${id} ${state}: ${JSON.stringify(problem)}`);
    await sleep(200);
  }
}
