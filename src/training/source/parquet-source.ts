import { drawOf } from '../../core/rng.ts';
import type { DataFilter } from '../../dataset/filter.ts';
import type {
  InteractionColumns,
  InteractionSource,
  ReadOptions,
} from '../../domain/data/interaction-source.ts';
import type { ParquetSource } from '../../domain/tasks/parquet-source.ts';
import { fieldsOf, text, unitOf } from './columns-of.ts';
import type { Duck } from './duck.ts';

/** How much there was, and how much is left for the training to read. */
export interface ParquetCounts {
  files: number;
  rows: number;
  /** Rows without a user, an item or a type, or with an id of more than 256 bytes. */
  unusable: number;
  /** Rows that `dataset.sample` and `minInteractions` have left. */
  kept: number;
}

export interface OpenedParquet extends InteractionSource {
  counts: ParquetCounts;
}

/** Rounds of the k-core; what is left after them the training itself takes away. */
const MOST_ROUNDS = 30;
const MOST_ID_BYTES = 256;
const CHUNK_ROWS = 16_384;

/**
 * Reads interactions of Parquet. Users and items that `sample` or `minInteractions` leave out are taken away by DuckDB, in files
 * where they do not fit into memory: no more than is left reaches the training, which filters again as it does with other data. So
 * the data set is the one that the same rows in the database would give.
 * @param files absolute paths
 * @throws problem('invalid-job') for columns that cannot be read
 */
export async function openParquet(
  duck: Duck,
  files: readonly string[],
  source: ParquetSource,
  filter: Pick<DataFilter, 'sample' | 'minInteractions'>,
): Promise<OpenedParquet> {
  const counts = await defineRows(duck, files, source);
  await nameAll(duck, filter.sample);
  await materialize(duck);
  const { perUser = 1, perItem = 1 } = filter.minInteractions ?? {};
  if (perUser > 1 || perItem > 1) await keepCore(duck, perUser, perItem);
  const [kept] = await duck.row('SELECT count(*) FROM kept');
  return {
    counts: { ...counts, kept: Number(kept) },
    interactions: (options) => chunksOf(duck, options),
    async dictionary(kind) {
      const used = kind === 'types' ? '' : `WHERE key IN (SELECT ${kind === 'users' ? 'u' : 'i'} FROM kept)`;
      const names = new Map<number, string>();
      for await (const chunk of duck.stream(`SELECT key, name FROM ${kind} ${used}`)) {
        const [keys, texts] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
        for (let row = 0; row < chunk.rowCount; row++)
          names.set(keys.getItem(row) as number, texts.getItem(row) as string);
      }
      return names;
    },
  };
}

/** A view of the rows in one shape. */
async function defineRows(
  duck: Duck,
  files: readonly string[],
  source: ParquetSource,
): Promise<Omit<ParquetCounts, 'kept'>> {
  const list = files.map(text).join(', ');
  const all = `read_parquet([${list}], union_by_name = true, filename = true, file_row_number = true)`;
  const described = await duck.rows(`DESCRIBE SELECT * FROM ${all}`);
  const columns = new Map(described.map(([name, type]) => [name as string, type as string]));
  const sql = fieldsOf(columns, source);
  let timestamp = sql.timestamp?.sql ?? 'NULL';
  if (sql.timestamp?.isNumber) {
    const [greatest] = await duck.row(`SELECT max(${sql.timestamp.sql}) FROM ${all}`);
    if (greatest !== null) timestamp = unitOf(Number(greatest)).toMs(sql.timestamp.sql);
  }
  await duck.run(`CREATE VIEW source AS
    SELECT ${sql.userId} AS u, ${sql.itemId} AS i, ${sql.type} AS t, ${sql.value ?? 'NULL::DOUBLE'} AS v,
      CAST(${timestamp} AS DOUBLE) AS ts, ${sql.context ?? 'NULL::VARCHAR'} AS c, filename AS f, file_row_number AS n
    FROM ${all}`);
  const isId = (column: string) => `${column} <> '' AND strlen(${column}) <= ${MOST_ID_BYTES}`;
  await duck.run(`CREATE VIEW usable AS
    SELECT * FROM source WHERE ${isId('u')} AND ${isId('i')} AND t <> ''`);
  const [rows] = await duck.row('SELECT count(*) FROM source');
  const [usable] = await duck.row('SELECT count(*) FROM usable');
  return { files: files.length, rows: Number(rows), unusable: Number(rows) - Number(usable) };
}

/** Gives each user, item and type a number; of a sample to those alone that are in it. */
async function nameAll(duck: Duck, sample: DataFilter['sample']): Promise<void> {
  for (const [table, column] of [
    ['users', 'u'],
    ['items', 'i'],
    ['types', 't'],
  ] as const)
    await duck.run(`CREATE TABLE ${table} AS
      SELECT CAST(row_number() OVER () AS INTEGER) AS key, name FROM (SELECT DISTINCT ${column} AS name FROM usable)`);
  if (sample?.users !== undefined) await draw(duck, 'users', 'user', sample.users, sample.seed);
  if (sample?.items !== undefined) await draw(duck, 'items', 'item', sample.items, sample.seed);
}

/** The draw of the training itself: whoever is in a sample of the database is in that of a file. */
async function draw(
  duck: Duck,
  table: string,
  kind: 'user' | 'item',
  share: number,
  seed: number,
): Promise<void> {
  if (share === 1) return;
  await duck.run('CREATE OR REPLACE TABLE drawn (key INTEGER)');
  for await (const chunk of duck.stream(`SELECT key, name FROM ${table}`)) {
    const [keys, names] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    const mine: number[] = [];
    for (let row = 0; row < chunk.rowCount; row++)
      if (drawOf(`${kind}:${names.getItem(row)}`, seed) < share) mine.push(keys.getItem(row) as number);
    await duck.append('drawn', mine);
  }
  await duck.run(
    `CREATE OR REPLACE TABLE ${table} AS SELECT * FROM ${table} WHERE key IN (SELECT key FROM drawn)`,
  );
}

/** Rows by their numbers, in the order of the files, which decides between equal times. */
async function materialize(duck: Duck): Promise<void> {
  await duck.run(`CREATE TABLE kept AS
    SELECT users.key AS u, items.key AS i, types.key AS t, v, ts, c
    FROM usable JOIN users ON usable.u = users.name JOIN items ON usable.i = items.name
      JOIN types ON usable.t = types.name
    ORDER BY f, n`);
}

/**
 * The k-core of all pairs, those that do not count too: the core of those that count is part of it, as leaving pairs out leaves no
 * more behind.
 */
async function keepCore(duck: Duck, perUser: number, perItem: number): Promise<void> {
  await duck.run('CREATE TABLE pairs AS SELECT DISTINCT u, i FROM kept');
  const enough = (side: 'u' | 'i', least: number) =>
    `CREATE OR REPLACE TABLE pairs AS SELECT * FROM pairs
     WHERE ${side} IN (SELECT ${side} FROM pairs GROUP BY ${side} HAVING count(*) >= ${least})`;
  const count = async () => Number((await duck.row('SELECT count(*) FROM pairs'))[0]);
  let before = await count();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (perItem > 1) await duck.run(enough('i', perItem));
    if (perUser > 1) await duck.run(enough('u', perUser));
    const now = await count();
    if (now === before) break;
    before = now;
  }
  await duck.run(`CREATE OR REPLACE TABLE kept AS SELECT * FROM kept
    WHERE u IN (SELECT u FROM pairs) AND i IN (SELECT i FROM pairs)`);
  await duck.run('DROP TABLE pairs');
}

async function* chunksOf(
  duck: Duck,
  { chunkRows = CHUNK_ROWS, withContext = false }: ReadOptions = {},
): AsyncGenerator<InteractionColumns> {
  const columns = `u, i, t, v, ts${withContext ? ', c' : ''}`;
  let made = createChunk(chunkRows, withContext);
  for await (const chunk of duck.stream(`SELECT ${columns} FROM kept`)) {
    const vectors = Array.from({ length: chunk.columnCount }, (_, column) => chunk.getColumnVector(column));
    const [u, i, t, v, ts, c] = vectors;
    for (let row = 0; row < chunk.rowCount; row++) {
      const at = made.length++;
      made.userKey[at] = u!.getItem(row) as number;
      made.itemKey[at] = i!.getItem(row) as number;
      made.typeKey[at] = t!.getItem(row) as number;
      made.value[at] = (v!.getItem(row) as number | null) ?? Number.NaN;
      made.timestamp[at] = (ts!.getItem(row) as number | null) ?? Number.NaN;
      made.context?.push((c!.getItem(row) as string | null) ?? null);
      if (made.length < chunkRows) continue;
      yield made;
      made = createChunk(chunkRows, withContext);
    }
  }
  if (made.length > 0) yield made;
}

function createChunk(
  rows: number,
  withContext: boolean,
): InteractionColumns & { context?: (string | null)[] } {
  return {
    length: 0,
    userKey: new Int32Array(rows),
    itemKey: new Int32Array(rows),
    typeKey: new Int32Array(rows),
    value: new Float64Array(rows),
    timestamp: new Float64Array(rows),
    ...(withContext && { context: [] }),
  };
}
