import { type RawBuilder, sql } from 'kysely';
import type { ItemFilter } from './contract.ts';

/** Conditions of a list of items, all of which hold, in words that both engines have. */
export function conditionsOf({
  category,
  label,
  title = '',
  itemId,
  hidden,
}: ItemFilter): RawBuilder<boolean>[] {
  const words = title.split(/\s+/).filter((word) => word !== '');
  return [
    ...(category === undefined ? [] : [holdsName('categories', category)]),
    ...(label === undefined ? [] : [holdsName('labels', label)]),
    ...(itemId === undefined ? [] : [sql<boolean>`item_id IN (${sql.join(itemId)})`]),
    ...words.map(titleHas),
    ...(hidden === undefined ? [] : [sql<boolean>`hidden = ${hidden ? 1 : 0}`]),
  ];
}

/** A condition on a column of JSON texts: taking the name out changes the text. */
function holdsName(column: 'categories' | 'labels', name: string) {
  return sql<boolean>`replace(${sql.ref(column)}, ${JSON.stringify(name)}, '') <> ${sql.ref(column)}`;
}

/** SQLite lowers A to Z alone, so the word is lowered by the engine too. */
function titleHas(word: string) {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`lower(title) LIKE lower(${pattern}) ESCAPE '\\'`;
}
