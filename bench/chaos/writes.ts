import { setTimeout as sleep } from 'node:timers/promises';
import { createStore } from '../../src/store/create-store.ts';
import type { Client } from './client.ts';
import { compareSets } from './verify.ts';

const PAUSE_MS = 400;
const USERS = 50;
const ITEMS = 40;

/** Names of everything that was acknowledged. */
export interface Written {
  events: string[];
  items: string[];
}

/** Posts events and items while processes are killed, one after the other, each until it is acknowledged. */
export async function keepWriting(client: Client, signal: AbortSignal): Promise<Written> {
  const written: Written = { events: [], items: [] };
  for (let n = 0; !signal.aborted; n++) {
    const event = {
      ...{ userId: `writer-${n % USERS}`, itemId: `written-${n % ITEMS}`, type: 'click' },
      ...{ timestamp: 1.7e12 + n * 1000, eventId: `write-${n}` },
    };
    await acknowledged(client, 'POST', '/interactions', { interactions: [event] });
    written.events.push(nameOf(event.userId, event.itemId, event.timestamp));
    const itemId = `catalogue-${n}`;
    await acknowledged(client, 'PUT', `/items/${itemId}`, { title: `Item ${n}` });
    written.items.push(itemId);
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  return written;
}

async function acknowledged(client: Client, method: string, path: string, body: object): Promise<void> {
  const { status, body: said } = await client.send(method, path, body);
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(said)}`);
}

/** Looks straight into the database for what was acknowledged: each event once, each item there. */
export async function writeFaults(databaseUrl: string, { events, items }: Written): Promise<string[]> {
  const store = await createStore(databaseUrl);
  try {
    const stored: string[] = [];
    await store.interactions.snapshot(async (source) => {
      const [users, names] = [await source.dictionary('users'), await source.dictionary('items')];
      for await (const { length, userKey, itemKey, timestamp } of source.interactions())
        for (let i = 0; i < length; i++)
          stored.push(nameOf(users.get(userKey[i]!)!, names.get(itemKey[i]!)!, timestamp[i]!));
    });
    const missing: string[] = [];
    for (const itemId of items)
      if (!(await store.catalogue.getItem(itemId))) missing.push(`items: ${itemId} is missing`);
    const ours = stored.filter((name) => name.startsWith('writer-'));
    return [...compareSets('events', events, ours), ...missing];
  } finally {
    await store.close();
  }
}

const nameOf = (userId: string, itemId: string, timestamp: number) => `${userId} ${itemId} ${timestamp}`;
