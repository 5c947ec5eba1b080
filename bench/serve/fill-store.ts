import Database from 'better-sqlite3';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { createStore } from '../../src/store/create-store.ts';
import { itemName, type Population, userName } from './population.ts';
import { packVersion, trainStudent } from './student.ts';

export const MODEL = 'bench';
const WIDTH = 64;
const VERSIONS = 2;

/** An empty database filled with the population's histories and titles, and two versions of a student for it. */
export async function fillStore(
  databaseFile: string,
  artifactsUrl: string,
  population: Population,
  seed: number,
) {
  const store = await createStore(`sqlite:${databaseFile}`);
  insertHistories(databaseFile, population);
  const artifacts = createFsStore(artifactsUrl);
  const weights = trainStudent(population, WIDTH, seed);
  for (let version = 1; version <= VERSIONS; version++) {
    const jobId = `bench-${version}`;
    const artifact = `models/${MODEL}/${jobId}`;
    const files = packVersion(weights, MODEL, jobId);
    await artifacts.putFolder(artifact, files);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
    const summary = { metrics: {}, compressionRatio: 1 };
    const { items } = population;
    await store.models.publish(
      { model: MODEL, jobId, artifact, bytes, items, dimensions: WIDTH, summary },
      'stable',
    );
  }
  await store.close();
}

/** Rows straight into the tables: through the store five million of them would take minutes. */
function insertHistories(file: string, { items, histories }: Population): void {
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.exec('BEGIN');
  // Sorting at the end is several times faster than keeping the order with every row.
  const indexes = database
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'interactions' AND sql <> ''",
    )
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  const type = database.prepare("INSERT INTO types (type) VALUES ('click')").run().lastInsertRowid;
  const addItem = database.prepare(
    'INSERT INTO items (item_key, item_id, in_catalogue, title) VALUES (?, ?, 1, ?)',
  );
  for (let row = 0; row < items; row++) addItem.run(row + 1, itemName(row), `The title of number ${row}`);
  const addUser = database.prepare('INSERT INTO users (user_key, user_id) VALUES (?, ?)');
  const add = database.prepare(
    'INSERT INTO interactions (user_key, item_key, type_key, timestamp) VALUES (?, ?, ?, ?)',
  );
  const start = Date.now() - 30 * 86_400_000;
  histories.forEach((rows, user) => {
    addUser.run(user + 1, userName(user));
    rows.forEach((row, i) => void add.run(user + 1, row + 1, type, start + i * 60_000));
  });
  for (const { sql } of indexes) database.exec(sql);
  database.exec('COMMIT');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
