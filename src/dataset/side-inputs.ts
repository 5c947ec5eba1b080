import { problem } from '../core/errors.ts';
import { hashOfColumns } from '../core/hash.ts';
import type { TrainingSource } from '../domain/data/interaction-source.ts';
import { encodeAll, type FeatureEncoding } from '../features/encoding.ts';
import { fitEncoding } from '../features/fit.ts';
import type { Described } from '../features/values.ts';
import type { Csr } from './matrix.ts';

/** Inputs that training reads beside the histories. */
export interface SideInputs {
  items?: SideInput & {
    /** [items, columns] */
    bags: Csr;
  };
  /** Their bags go along with the histories, as `side` of the matrix. */
  users?: SideInput;
}

export interface SideInput {
  encoding: FeatureEncoding;
  /** Share that is known by its features alone at each step of training. */
  hide: number;
}

/** Stored attributes of the users of a data set, from the same snapshot as the interactions; null where nothing is. */
export async function readUsers(
  source: TrainingSource,
  ids: readonly string[],
): Promise<(Described | null)[]> {
  const rows = new Map(ids.map((id, row) => [id, row]));
  const found = new Array<Described | null>(ids.length).fill(null);
  for await (const page of source.users()) {
    for (const user of page) {
      const row = rows.get(user.userId);
      if (row !== undefined) found[row] = user;
    }
  }
  return found;
}

export interface EncodedSide {
  encoding: FeatureEncoding;
  /** [entities, columns] */
  bags: Csr;
}

/** @throws problem('invalid-job') that names the field, as fitEncoding */
export function encodeSide(
  noun: 'item' | 'user',
  fields: true | readonly string[],
  buckets: number,
  entities: readonly (Described | null)[],
  warn?: (message: string) => void,
): EncodedSide {
  const option = `features.${noun}s`;
  const known = entities.filter((entity) => entity !== null);
  if (known.length === 0) {
    throw problem(
      'invalid-job',
      `${option}: of no ${noun} with interactions anything is stored; send them with PUT /${noun}s first`,
    );
  }
  const encoding = fitEncoding(known, { option, noun, fields, buckets, always: noun === 'item', warn });
  return { encoding, bags: encodeAll(encoding, entities) };
}

/** Hash of all in the side inputs that the weights of a model depend on. */
export function hashOfSide({ encoding, bags }: EncodedSide): string {
  return hashOfColumns(JSON.stringify(encoding), [bags.indptr, bags.indices, bags.values]);
}
