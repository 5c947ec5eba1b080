import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError, messageOf } from '../core/errors.ts';
import { differenceOfSets, HASH_BITS, type HashSet, unionOfSets } from '../core/hash-set.ts';
import { fingerprint } from './store/fingerprint.ts';
import { invalidArtifact } from './store/read-folder.ts';
import type { ArtifactStore } from './store/store.ts';

export const LEARNED_FILE = 'learned.bin';
/** Seed of the hashes, the same for all versions: their sets are united. */
export const LEARNED_SEED = 0;

/** The data that the models of a version learned from, as hashes of ids: pairs of user and item, or entities with labels. */
export interface Learned {
  /** The task, of a version that has several; null otherwise. */
  task: string | null;
  teacher: HashSet;
  /** All that the student or its teacher learned from. */
  student: HashSet;
}

/** All that is kept of what a version learned from. */
export interface LearnedFile {
  of: Header['of'];
  /** False where a teacher had part in it of which nobody knows what it learned from: imported lists, or an older version. */
  isWhole: boolean;
  /** One for each task, and one without a task for behaviours that only speak for the taste. */
  sets: Learned[];
}

const MAGIC = Buffer.from('learned\n');
const FORMAT_VERSION = 1;
const strict = { additionalProperties: false } as const;
const Header = Type.Object(
  {
    formatVersion: Type.Literal(FORMAT_VERSION),
    of: Type.Enum(['pairs', 'entities']),
    isWhole: Type.Boolean(),
    hashSeed: Type.Literal(LEARNED_SEED),
    hashBits: Type.Literal(HASH_BITS),
    sets: Type.Array(
      Type.Object(
        {
          task: Type.Union([Type.String(), Type.Null()]),
          part: Type.Enum(['teacher', 'student']),
          count: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 0 }),
        },
        strict,
      ),
    ),
    bytes: Type.Integer(),
    sha256: Type.String(),
  },
  strict,
);
type Header = Static<typeof Header>;
const validator = Compile(Header);

/**
 * learned.bin in the folder of a version: "learned\n", the length of the header (U32, little endian), the header as JSON, and
 * the sets one after another. A set is the steps from hash to hash in ascending order, each in groups of seven bits, the lowest
 * first, with the eighth bit where more follow (LEB128): about three bytes a pair. Of the student only what its teacher has not.
 * A pair is mixHashes(hashOfId(user, 0), hashOfId(item, 0)), an entity hashOfId(id, 0), see core/id-hash.ts.
 */
export function packLearned({ of, isWhole, sets: learned }: LearnedFile): Buffer {
  const sets = learned.flatMap(({ task, teacher, student }) => [
    { task, part: 'teacher' as const, set: teacher },
    { task, part: 'student' as const, set: differenceOfSets(student, teacher) },
  ]);
  const encoded = sets.map(({ set }) => encode(set));
  const payload = Buffer.concat(encoded);
  const header: Header = {
    formatVersion: FORMAT_VERSION,
    of,
    isWhole,
    hashSeed: LEARNED_SEED,
    hashBits: HASH_BITS,
    sets: sets.map(({ task, part, set }, i) => ({
      ...{ task, part, count: set.hashes.length },
      bytes: encoded[i]!.length,
    })),
    ...fingerprint(payload),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([MAGIC, length, text, payload]);
}

/**
 * Reads what the models of a version learned from; null for a version of an earlier release, which has not kept it.
 * @param of what is expected
 * @throws problem('invalid-artifact') for a damaged file
 */
export async function loadLearned(
  artifacts: Pick<ArtifactStore, 'get'>,
  artifact: string,
  of: Header['of'],
): Promise<LearnedFile | null> {
  const file = await artifacts.get(`${artifact}/${LEARNED_FILE}`).catch((error) => {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  });
  if (!file) return null;
  const { header, payload } = open(file);
  if (header.of !== of) throw unusable(`it is of ${header.of} where those of ${of} are needed`);
  const found = new Map<string | null, Learned>();
  let from = 0;
  for (const { task, part, count, bytes } of header.sets) {
    const set = decode(payload.subarray(from, from + bytes), count);
    from += bytes;
    const before = found.get(task);
    if ((part === 'student') !== (before !== undefined)) throw unusable('its sets are out of order');
    found.set(
      task,
      before
        ? { ...before, student: unionOfSets(before.teacher, set) }
        : { task, teacher: set, student: set },
    );
  }
  return { of, isWhole: header.isWhole, sets: [...found.values()] };
}

function open(file: Buffer): { header: Header; payload: Buffer } {
  const start = MAGIC.length + 4;
  if (file.length < start || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw unusable('it does not begin as such a file does');
  }
  const end = start + file.readUInt32LE(MAGIC.length);
  const header = parse(file.subarray(start, end));
  if (!validator.Check(header)) {
    const [first] = validator.Errors(header);
    throw unusable(`its header ${first!.instancePath || 'as a whole'} ${first!.message}`);
  }
  const payload = file.subarray(end);
  const found = fingerprint(payload);
  if (found.bytes !== header.bytes || found.sha256 !== header.sha256) {
    throw unusable(
      `it is damaged: ${found.bytes} bytes of hashes where ${header.bytes} with another sha256 were written`,
    );
  }
  return { header, payload };
}

function parse(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw unusable(`its header is not JSON: ${messageOf(error)}`);
  }
}

function encode({ hashes }: HashSet): Buffer {
  // 40 bits are six groups at most.
  const bytes = Buffer.alloc(6 * hashes.length);
  let n = 0;
  let last = 0;
  for (const hash of hashes) {
    let step = hash - last;
    for (; step >= 128; step = Math.floor(step / 128)) bytes[n++] = (step % 128) + 128;
    bytes[n++] = step;
    last = hash;
  }
  return bytes.subarray(0, n);
}

function decode(bytes: Buffer, count: number): HashSet {
  const hashes = new Float64Array(count);
  let [n, last, step, unit] = [0, 0, 0, 1];
  for (const byte of bytes) {
    step += (byte % 128) * unit;
    unit *= 128;
    if (byte >= 128) continue;
    last += step;
    hashes[n++] = last;
    step = 0;
    unit = 1;
  }
  if (n !== count) throw unusable(`a set has ${n} hashes where its header says ${count}`);
  return { hashes };
}

function unusable(reason: string): AppError {
  return invalidArtifact(
    `${LEARNED_FILE}, which says what the version learned from, cannot be used: ${reason}`,
  );
}
