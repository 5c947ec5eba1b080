import { describe, expect, it } from 'vitest';
import { syntheticInteractions } from '../../bench/scale/generator.ts';
import type { InteractionColumns } from '../../src/domain/data/interaction-source.ts';

const settings = { users: 2000, items: 500, interactions: 70_000, seed: 7 };

async function read(seed = settings.seed): Promise<InteractionColumns[]> {
  const chunks: InteractionColumns[] = [];
  for await (const chunk of syntheticInteractions({ ...settings, seed }).interactions()) chunks.push(chunk);
  return chunks;
}

describe('the synthetic ratings of bench:scale', () => {
  it('are as many as asked for, 1 to 5, no pair twice, with a name for every key', async () => {
    const source = syntheticInteractions(settings);
    const [users, items] = [await source.dictionary('users'), await source.dictionary('items')];
    const pairs = new Set<number>();
    let [rows, wrong] = [0, 0];
    for (const chunk of await read()) {
      rows += chunk.length;
      for (let i = 0; i < chunk.length; i++) {
        pairs.add(chunk.userKey[i]! * 1000 + chunk.itemKey[i]!);
        if (![1, 2, 3, 4, 5].includes(chunk.value[i]!)) wrong++;
        if (!users.has(chunk.userKey[i]!) || !items.has(chunk.itemKey[i]!)) wrong++;
      }
    }
    expect([rows, wrong]).toEqual([settings.interactions, 0]);
    expect(pairs.size).toBe(settings.interactions);
  });

  it('have types in the shares that are asked for, and no values then', async () => {
    const source = syntheticInteractions({ ...settings, tasks: { view: 0.75, purchase: 0.25 } });
    const counts = [0, 0, 0];
    for await (const chunk of source.interactions()) {
      for (let i = 0; i < chunk.length; i++) {
        counts[chunk.typeKey[i]!]!++;
        if (!Number.isNaN(chunk.value[i])) counts[0]!++;
      }
    }
    expect(await source.dictionary('types')).toEqual(
      new Map([
        [1, 'view'],
        [2, 'purchase'],
      ]),
    );
    expect(counts[0]).toBe(0);
    expect(counts[1]! + counts[2]!).toBe(settings.interactions);
    expect(counts[2]! / settings.interactions).toBeCloseTo(0.25, 1);
  });

  it('repeat with their seed and differ with another', async () => {
    expect(await read()).toEqual(await read());
    expect(await read(8)).not.toEqual(await read());
  });

  it('have popular and rare items, and active and idle users', async () => {
    const ofItem = new Float64Array(settings.items + 1);
    const ofUser = new Float64Array(settings.users + 1);
    for (const chunk of await read()) {
      for (let i = 0; i < chunk.length; i++) {
        ofItem[chunk.itemKey[i]!]!++;
        ofUser[chunk.userKey[i]!]!++;
      }
    }
    const items = ofItem.slice(1).sort().reverse();
    const head = items.subarray(0, settings.items / 10).reduce((sum, n) => sum + n, 0);
    expect(head).toBeGreaterThan(settings.interactions / 4);
    const users = ofUser.slice(1).sort();
    expect(users[settings.users * 0.95]!).toBeGreaterThan(4 * users[settings.users * 0.25]!);
  });
});
