import { MIN_INTERACTIONS, MIN_ITEMS, MIN_USERS } from '../../domain/base/data-minimum.ts';
import { completeEvent } from '../../domain/data/event-type.ts';
import type { TrainingSource } from '../../domain/data/interaction-source.ts';
import { type Installed, meaningIn, type Weighting } from '../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { ColumnCheck, DataCheck, TypeCheck } from '../../domain/jobs/job-plan.ts';
import { typeOfField } from '../../features/field-type.ts';
import { type Described, fieldsOf, saidIn } from '../../features/values.ts';

/** Items and users whose fields are looked at, fields that are shown, and types. */
const MOST_DESCRIBED = 2_000;
const MOST_FIELDS = 100;
const MOST_TYPES = 200;

/** Findings of one pass over the rows, whatever the job. */
export interface RowCheck {
  rows: number;
  users: number;
  items: number;
  undated: number;
  first: number | null;
  last: number | null;
  types: Map<string, { rows: number; valued: number; low: number; high: number }>;
}

/** Counts rows by their type, those without a time, and users and items. */
export async function checkRows(source: TrainingSource): Promise<RowCheck> {
  const names = await source.dictionary('types');
  const found: RowCheck = {
    ...{ rows: 0, users: 0, items: 0, undated: 0, first: null, last: null, types: new Map() },
  };
  const [users, items] = [new Set<number>(), new Set<number>()];
  for await (const { length, userKey, itemKey, typeKey, value, timestamp } of source.interactions()) {
    found.rows += length;
    for (let i = 0; i < length; i++) {
      users.add(userKey[i]!);
      items.add(itemKey[i]!);
      const time = timestamp[i]!;
      if (Number.isNaN(time)) found.undated++;
      else {
        found.first = Math.min(found.first ?? time, time);
        found.last = Math.max(found.last ?? time, time);
      }
      noteType(found.types, names.get(typeKey[i]!)!, value[i]!);
    }
  }
  return { ...found, users: users.size, items: items.size };
}

function noteType(types: RowCheck['types'], type: string, value: number): void {
  let one = types.get(type);
  if (!one) {
    one = { rows: 0, valued: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
    types.set(type, one);
  }
  one.rows++;
  if (Number.isNaN(value)) return;
  one.valued++;
  one.low = Math.min(one.low, value);
  one.high = Math.max(one.high, value);
}

/** Looks at the fields of the first items and users. */
export async function checkColumns(source: TrainingSource): Promise<ColumnCheck[]> {
  return [
    ...columnsOf('items', await some<Described>(source.items())),
    ...columnsOf('users', await some<Described>(source.users())),
  ];
}

async function some<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...page.slice(0, MOST_DESCRIBED - found.length));
    if (found.length >= MOST_DESCRIBED) break;
  }
  return found;
}

function columnsOf(of: ColumnCheck['of'], entities: readonly Described[]): ColumnCheck[] {
  const fields = [...new Set(entities.flatMap(fieldsOf))].sort().slice(0, MOST_FIELDS);
  return fields.flatMap((field) => {
    const type = typeOfField(entities, field, of === 'items' ? 'item' : 'user');
    if (!type) return [];
    const said = entities.filter((entity) => saidIn(entity, field) !== null).length / entities.length;
    const { kind: readAs, warning } = type;
    return [{ of, field, readAs, said: rounded(said), ...(warning !== undefined && { warning }) }];
  });
}

export interface Counted {
  /** Rows that there are, and those that were read. */
  rows: number;
  read: RowCheck;
  isWhole: boolean;
  columns: ColumnCheck[];
}

/** The size of the data that counts; what is unknown because nothing could be read is 0. */
export interface CountingSize {
  users: number;
  items: number;
  allPairs: number;
  pairs: number | null;
  testPairs: number | null;
}

/** The check of a job: the rows by what they mean to it. */
export function dataCheck(
  { dataset }: Pick<CompleteDistillation, 'dataset'>,
  { rows, read, isWhole, columns }: Counted,
  size: CountingSize,
  { weighting, installed }: { weighting: Weighting | undefined; installed: Installed },
): DataCheck {
  const times = rows / Math.max(1, read.rows);
  const whole = (count: number) => (isWhole ? count : Math.round(count * times));
  const types = [...read.types].toSorted(([, a], [, b]) => b.rows - a.rows).slice(0, MOST_TYPES);
  const minimum = { interactions: MIN_INTERACTIONS, users: MIN_USERS, items: MIN_ITEMS };
  return {
    ...{ isWhole, lookedAt: read.rows, rows, users: size.users, items: size.items },
    ...{ pairs: size.allPairs, trainPairs: size.pairs, testPairs: size.testPairs },
    minimum: {
      ...minimum,
      isMet: rows >= MIN_INTERACTIONS && read.users >= MIN_USERS && read.items >= MIN_ITEMS,
    },
    undated: { rows: whole(read.undated), share: rounded(read.undated / Math.max(1, read.rows)) },
    first: isoOrNull(read.first),
    last: isoOrNull(read.last),
    types: types.map(
      ([type, { rows: ofType, valued, low, high }]): TypeCheck => ({
        ...{ type, rows: whole(ofType), ...meaningOf(type, dataset, weighting, installed) },
        ...(valued > 0 && { values: { rows: whole(valued), low, high } }),
      }),
    ),
    columns,
  };
}

function meaningOf(
  type: string,
  { types, events }: CompleteDistillation['dataset'],
  weighting: Weighting | undefined,
  installed: Installed,
): Pick<TypeCheck, 'meaning' | 'from'> {
  const isNamed = types !== undefined && Object.hasOwn(types, type);
  const isOfJob = isNamed || (events !== undefined && Object.hasOwn(events, type));
  const meant = weighting ? meaningIn(weighting, type, installed) : installed(type);
  const own = installed(type);
  const isUsual = own !== null && JSON.stringify(own) === JSON.stringify(completeEvent(type));
  const from = isOfJob ? 'job' : own === null ? 'nobody' : isUsual ? 'usual' : 'declared';
  if (!meant) return { meaning: 'unknown', from };
  if (meant.meaning === 'positive') return { meaning: meant.weight > 0 ? 'positive' : 'unused', from };
  return { meaning: meant.meaning, from };
}

const isoOrNull = (time: number | null) => (time === null ? null : new Date(time).toISOString());
const rounded = (share: number) => Math.round(share * 1e4) / 1e4;
