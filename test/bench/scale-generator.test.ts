import { describe, expect, it } from 'vitest';
import { syntheticRatings } from '../../bench/scale/generator.ts';
import type { InteractionColumns } from '../../src/domain/data/interaction-source.ts';

const settings = { users: 2000, items: 500, interactions: 70_000, seed: 7 };

async function read(seed = settings.seed): Promise<InteractionColumns[]> {
  const chunks: InteractionColumns[] = [];
  for await (const chunk of syntheticRatings({ ...settings, seed }).interactions()) chunks.push(chunk);
  return chunks;
}

describe('the synthetic ratings of bench:scale', () => {
  it('are as many as asked for, 1 to 5, no pair twice, with a name for every key', async () => {
    const source = syntheticRatings(settings);
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
