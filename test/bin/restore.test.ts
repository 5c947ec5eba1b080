import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { createStore } from '../../src/store/create-store.ts';
import { liveIn } from '../backup/lived-in-store.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';

const dist = (name: string) => fileURLToPath(new URL(`../../dist/bin/${name}.js`, import.meta.url));

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-restore-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

type Env = Record<string, string>;
const installation = (name: string, env: Env = {}): Env => ({ DATA_DIR: path.join(folder, name), ...env });

function start(file: string, args: string[], env: Env) {
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
  });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  return { child, output, exit: once(child, 'exit') as Promise<[number | null]> };
}

async function restore(args: string[], env: Env) {
  const { output, exit } = start(dist('stillhouse'), ['restore', ...args], env);
  return { code: (await exit)[0], ...output };
}

/** Answers of a real server on the installation, which ends before they are handed on. */
async function get(paths: string[], env: Env): Promise<Buffer[]> {
  const { child, output, exit } = start(dist('api'), [], env);
  const line = await eventually(
    'the api is ready',
    () => {
      if (child.exitCode !== null) throw new Error(`the api ended: ${output.err}`);
      return output.out.split('\n').find((text) => text.includes('"msg":"ready"'));
    },
    30_000,
  );
  const { address } = JSON.parse(line) as { address: string };
  const answers: Buffer[] = [];
  for (const each of paths) {
    const answer = await fetch(`${address}${each}`);
    expect(answer.status).toBe(200);
    answers.push(Buffer.from(await answer.arrayBuffer()));
  }
  child.kill('SIGTERM');
  await exit;
  return answers;
}

const PATHS = ['/exports/all', '/exports/interactions', '/rules', '/event-types', '/recommend/ann'];

async function comesBack(from: Env, to: Env, databases: [from: string, to: string]): Promise<void> {
  const store = await createStore(databases[0]);
  await liveIn(store);
  await store.close();
  const before = await get(PATHS, from);
  const tar = before[0]!;

  // One that is killed when it has everything but the end leaves nothing, and the next one is taken.
  const killed = start(dist('stillhouse'), ['restore', '-'], to);
  await new Promise((resolve) => killed.child.stdin!.write(tar.subarray(0, -2_048), resolve));
  await eventually('the database is there', async () => {
    const there = await createStore(databases[1]).catch(() => undefined);
    await there?.close();
    return there && true;
  });
  killed.child.kill('SIGKILL');
  await killed.exit;

  const file = path.join(folder, 'stillhouse.tar');
  await writeFile(file, tar);
  const { code, out, err } = await restore([file], to);
  expect(err).toBe('');
  expect(out).toMatch(/^Restored .*4 interactions.*1 rules/);
  expect(code).toBe(0);
  const after = await get(PATHS, to);
  for (const [i, answer] of after.slice(0, -1).entries())
    expect(answer.equals(before[i]!), PATHS[i]).toBe(true);
  const items = (bytes: Buffer) => JSON.parse(bytes.toString()).items;
  expect(items(after.at(-1)!)).toEqual(items(before.at(-1)!));

  const again = await restore([file], to);
  expect(again.code).toBe(1);
  expect(again.err).toMatch(
    /^The installation is not empty: it has interactions, .* Nothing was restored\.\n$/,
  );
}

it('an export over HTTP comes back on SQLite, whatever was killed before', () =>
  comesBack(installation('one'), installation('two'), [
    `sqlite:${path.join(folder, 'one', 'stillhouse.db')}`,
    `sqlite:${path.join(folder, 'two', 'stillhouse.db')}`,
  ]));

describe.runIf(findPostgres())('with a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server?.close());

  it('an export over HTTP comes back on PostgreSQL, whatever was killed before', async () => {
    const [from, to] = [await server.createDatabase(), await server.createDatabase()];
    const env = (name: string, url: string) => installation(name, { DATABASE_URL: url });
    await comesBack(env('one', from), env('two', to), [from, to]);
  });
});

it.each<[string, string[], RegExp]>([
  ['no file', [], /^Say which file: stillhouse restore FILE/],
  ['two files', ['a', 'b'], /^Say which file/],
  ['a file that is not there', ['missing.tar'], /ENOENT.*missing\.tar.*Nothing was restored/],
])('%s is refused in one sentence', async (_what, args, reason) => {
  const { code, err } = await restore(args, installation('one'));
  expect(err).toMatch(reason);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
});

it.each(['--help', '-h'])('%s prints how it is used', async (flag) => {
  const { code, out, err } = await restore([flag], installation('one'));
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^stillhouse restore FILE, or - .*DATA_DIR/s);
});

it("a file that is cut is called incomplete, and what is left is named and in nobody's way", async () => {
  const tar = pack();
  tar.entry({ name: 'stillhouse.json' }, JSON.stringify({ format: 1, program: 'stillhouse', version: '1' }));
  tar.entry({ name: 'artifacts/models/m/j/weights' }, 'w'.repeat(600));
  tar.entry({ name: 'artifacts/models/m/j/report.json' }, 'r'.repeat(600));
  tar.finalize();
  const file = path.join(folder, 'cut.tar');
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  // Two members of one and three blocks, with their headers, and a part of the last one.
  await writeFile(file, Buffer.concat(chunks).subarray(0, 512 * 6));
  for (let round = 0; round < 2; round++) {
    const { code, err } = await restore([file], installation('one'));
    expect(err).toMatch(
      /^The file cannot be restored: the file ends too early: it is incomplete\. Nothing was restored\. An empty database is left, and files .* \(1\); a second restore .* works/,
    );
    expect(code).toBe(1);
  }
});

it('a command that there is not is named', async () => {
  const { output, exit } = start(dist('stillhouse'), ['resotre', 'x'], installation('one'));
  expect((await exit)[0]).toBe(1);
  expect(output.err).toMatch(
    /^There is no command resotre; there are stillhouse key .*stillhouse restore FILE/,
  );
});

it('is refused while a worker uses the database', async () => {
  const env = installation('one');
  const store = await createStore(`sqlite:${path.join(folder, 'one', 'stillhouse.db')}`);
  await store.workers.beat({ id: 'w1' } as never);
  await store.close();
  expect((await restore(['x'], env)).err).toMatch(
    /^Worker w1 uses this database: stop api and workers first/,
  );
});
