import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../../api.ts';
import { useConnection } from '../../hooks.ts';

interface Item {
  itemId: string;
  title: string | null;
}

/** Longest query of ids: servers refuse addresses of more than some kilobytes. */
const MOST_CHARACTERS = 4000;
const MOST_IDS = 100;

/** Titles by id as far as they are known; null for an item that the catalogue lacks or that has none. */
const known = new Map<string, string | null>();

export type Titles = ReadonlyMap<string, string | null>;

/** Titles of the items; asks for those that no page has asked for before. */
export function useTitles(ids: readonly string[]): Titles {
  const [, setRound] = useState(0);
  const reachable = useConnection();
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  useEffect(() => {
    if (missing.length === 0 || reachable !== 'up') return;
    let isGone = false;
    Promise.all(queriesOf(missing).map(readTitles)).then(
      () => !isGone && setRound((last) => last + 1),
      // Ids stand in for titles until the page is asked again.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [missing.join('\n'), reachable]);
  return known;
}

async function readTitles(ids: readonly string[]): Promise<void> {
  const query = ids.map((id) => `itemId=${encodeURIComponent(id)}`).join('&');
  const { data } = await get<{ data: Item[] }>(`/items?limit=${MOST_IDS}&${query}`);
  const found = new Map(data.map(({ itemId, title }) => [itemId, title]));
  for (const id of ids) known.set(id, found.get(id) ?? null);
}

/** Ids in parts that each fit into one address. */
export function queriesOf(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  let length = 0;
  for (const id of ids) {
    const own = encodeURIComponent(id).length + 8;
    const last = parts.at(-1);
    if (last && last.length < MOST_IDS && length + own <= MOST_CHARACTERS) {
      last.push(id);
      length += own;
    } else {
      parts.push([id]);
      length = own;
    }
  }
  return parts;
}

export function ItemName({ id, titles }: { id: string; titles: Titles }): VNode {
  const title = titles.get(id);
  return title ? html`<span title=${`Item ${id}`}>${title}</span>` : html`<span class="item-id">${id}</span>`;
}
