import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { problem } from '../core/errors.ts';
import { expectTensor, finite, WEIGHTS_FILE } from './format/checked-tensors.ts';
import { checkItemIds } from './format/item-ids.ts';
import { readSafetensors, writeSafetensors } from './format/safetensors.ts';
import { fingerprint } from './store/fingerprint.ts';
import type { ArtifactStore } from './store/store.ts';

/** Scores that somebody else's model gave to some items of some users: sparse rows, items ascending. */
export interface ScoreLists {
  /** User ids in row order, without repeats. */
  users: string[];
  /** Item ids in column order, without repeats. */
  items: string[];
  /** [users + 1] */
  indptr: Int32Array;
  /** [nnz] columns, ascending within a row */
  indices: Int32Array;
  /** [nnz] */
  scores: Float32Array;
}

const USERS_FILE = 'users.json';
const ITEMS_FILE = 'items.json';
const MANIFEST_FILE = 'manifest.json';

/** manifest.json, written last: a folder without it is not an artifact. */
const Manifest = Type.Object(
  {
    formatVersion: Type.Literal(1),
    kind: Type.Literal('score-lists'),
    users: Type.Integer({ minimum: 1 }),
    items: Type.Integer({ minimum: 1 }),
    scores: Type.Integer({ minimum: 1 }),
    files: Type.Record(Type.String(), Type.Object({ bytes: Type.Integer(), sha256: Type.String() })),
  },
  { additionalProperties: false },
);
const validator = Compile(Manifest);

/** The files of the artifact by name, and what they are together: the same scores give the same hash. */
export function packScoreLists(lists: ScoreLists): {
  files: Map<string, Buffer>;
  bytes: number;
  sha256: string;
} {
  const { users, items, indptr, indices, scores } = lists;
  const files = new Map<string, Buffer>([
    [USERS_FILE, Buffer.from(JSON.stringify(users))],
    [ITEMS_FILE, Buffer.from(JSON.stringify(items))],
    [
      WEIGHTS_FILE,
      writeSafetensors(
        new Map([
          ['indptr', { dtype: 'I32', shape: [indptr.length], data: indptr }],
          ['indices', { dtype: 'I32', shape: [indices.length], data: indices }],
          ['scores', { dtype: 'F32', shape: [scores.length], data: scores }],
        ]),
      ),
    ],
  ]);
  const prints = Object.fromEntries([...files].map(([name, bytes]) => [name, fingerprint(bytes)]));
  const manifest = {
    formatVersion: 1,
    kind: 'score-lists',
    users: users.length,
    items: items.length,
    scores: scores.length,
    files: prints,
  };
  const bytes = Object.values(prints).reduce((sum, file) => sum + file.bytes, 0);
  const last = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  return { files: files.set(MANIFEST_FILE, last), bytes, sha256: fingerprint(last).sha256 };
}

/** The lists of some users; items without a score stay. */
export function listsOf(lists: ScoreLists, isKept: (user: string) => boolean): ScoreLists {
  const rows = lists.users.map((_, row) => row).filter((row) => isKept(lists.users[row]!));
  const lengthOf = (row: number) => lists.indptr[row + 1]! - lists.indptr[row]!;
  const indptr = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i]! + lengthOf(row);
  const indices = new Int32Array(indptr[rows.length]!);
  const scores = new Float32Array(indices.length);
  for (const [i, row] of rows.entries()) {
    const [start, end] = [lists.indptr[row]!, lists.indptr[row + 1]!];
    indices.set(lists.indices.subarray(start, end), indptr[i]!);
    scores.set(lists.scores.subarray(start, end), indptr[i]!);
  }
  return { users: rows.map((row) => lists.users[row]!), items: lists.items, indptr, indices, scores };
}

/** The users of stored lists, read without the scores. */
export async function usersOfLists(artifacts: Pick<ArtifactStore, 'get'>, key: string): Promise<string[]> {
  return JSON.parse((await artifacts.get(`${key}/${USERS_FILE}`)).toString('utf8')) as string[];
}

/**
 * Reads what packScoreLists wrote and believes nothing: sizes, hashes, order, ids, finite scores.
 * @throws problem('invalid-artifact') with the reason, problem('not-found') when the folder is gone
 */
export async function loadScoreLists(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
): Promise<ScoreLists> {
  const manifest: unknown = JSON.parse((await artifacts.get(`${key}/${MANIFEST_FILE}`)).toString('utf8'));
  if (!validator.Check(manifest)) throw invalid(`${MANIFEST_FILE} is not that of score lists`);
  const read = async (name: string) => {
    const bytes = await artifacts.get(`${key}/${name}`);
    if (fingerprint(bytes).sha256 !== manifest.files[name]?.sha256) throw invalid(`${name} is damaged`);
    return bytes;
  };
  const ids = async (name: string, count: number) =>
    checkItemIds(JSON.parse((await read(name)).toString('utf8')), count, name);
  const users = await ids(USERS_FILE, manifest.users);
  const items = await ids(ITEMS_FILE, manifest.items);
  const tensors = readSafetensors(await read(WEIGHTS_FILE), WEIGHTS_FILE);
  const indptr = expectTensor(tensors, 'indptr', 'I32', [manifest.users + 1]).data;
  const indices = expectTensor(tensors, 'indices', 'I32', [manifest.scores]).data;
  checkRows(indptr, indices, manifest.items);
  return { users, items, indptr, indices, scores: finite(tensors, 'scores', [manifest.scores]) };
}

function checkRows(indptr: Int32Array, indices: Int32Array, items: number): void {
  if (indptr[0] !== 0 || indptr.at(-1) !== indices.length) throw invalid('the rows do not fill the scores');
  for (let row = 0; row + 1 < indptr.length; row++) {
    if (indptr[row + 1]! < indptr[row]!) throw invalid(`row ${row} ends before it starts`);
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const least = p === indptr[row] ? 0 : indices[p - 1]! + 1;
      if (indices[p]! < least || indices[p]! >= items) throw invalid(`row ${row} has no ascending items`);
    }
  }
}

const invalid = (reason: string) => problem('invalid-artifact', `score lists: ${reason}`);
