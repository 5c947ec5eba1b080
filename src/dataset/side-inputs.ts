import { problem } from '../core/errors.ts';
import { hashOfColumns } from '../core/hash.ts';
import type { TrainingSource } from '../domain/data/interaction-source.ts';
import type { FeaturesSpec } from '../domain/tasks/features-spec.ts';
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

/** Descriptions of the items and users of a data set: null where nothing is said, absent where the job does not ask. */
export interface Descriptions {
  items?: (Described | null)[];
  users?: (Described | null)[];
}

/** Whom the job's features are to be read of, from the same snapshot as the interactions. */
export async function readDescriptions(
  source: TrainingSource,
  spec: FeaturesSpec | undefined,
  { items, users }: { items: readonly string[]; users: readonly string[] },
): Promise<Descriptions> {
  return {
    ...(spec?.items && { items: await inOrder(source.items(), ({ itemId }) => itemId, items) }),
    ...(spec?.users && { users: await inOrder(source.users(), ({ userId }) => userId, users) }),
  };
}

async function inOrder<T extends Described>(
  pages: AsyncIterable<T[]>,
  idOf: (entity: T) => string,
  ids: readonly string[],
): Promise<(T | null)[]> {
  const rows = new Map(ids.map((id, row) => [id, row]));
  const found = new Array<T | null>(ids.length).fill(null);
  for await (const page of pages) {
    for (const entity of page) {
      const row = rows.get(idOf(entity));
      if (row !== undefined) found[row] = entity;
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
