import { Type } from 'typebox';
import { idProblem } from '../domain/base/id.ts';
import { parseTimestamp } from '../domain/base/timestamp.ts';
import { Item, type StoredItem, type StoredUser, User } from '../domain/data/catalogue.ts';
import { valueProblem } from '../domain/data/event-type.ts';
import {
  CLOCK_SKEW_MS,
  type EventContext,
  Interaction,
  type StoredInteraction,
} from '../domain/data/interaction.ts';
import { type Installed, usuallyMeant } from '../domain/data/weighting.ts';
import { type Checked, checkOf } from '../domain/validate/check.ts';
import { mustBe } from '../domain/validate/sentences.ts';
import { cleanRow } from './clean-row.ts';
import { earlyTime } from './times/early.ts';

export type Parsed<T> = Checked<T>;

const ID = 'text of 1-256 bytes';
const DATE = 'a time since 1970 such as 2026-03-01T12:00:00Z or 1772366400 (Unix seconds or milliseconds)';
const NAMES = 'a list of at most 100 texts of 1-256 characters';
const FEATURES = 'an object of at most 64 KiB';

const strict = { additionalProperties: false } as const;
/** Wider than the schemas' date-time: files have dates without a time. `parseTimestamp` decides. */
const AnyTime = Type.Optional(Type.Union([Type.String(), Type.Number()]));

const checkInteraction = checkOf(
  Type.Object({ ...Interaction.properties, timestamp: AnyTime }, strict),
  'the row',
  {
    userId: ID,
    itemId: ID,
    type: 'a name such as click: a letter of any script, then at most 63 letters, digits or any of _ . -',
    context: 'an object of at most 16 texts, numbers, true or false, such as {"page":"search"}',
    timestampSource: 'given or received',
    value: 'a number',
    timestamp: DATE,
    eventId: ID,
    recommendationId: 'text of 1-64 characters',
  },
);
const checkItem = checkOf(
  Type.Object({ ...Item.properties, availableFrom: AnyTime, availableUntil: AnyTime }, strict),
  'the row',
  {
    itemId: ID,
    title: 'text of at most 1024 characters',
    categories: NAMES,
    labels: NAMES,
    features: FEATURES,
    hidden: 'true or false',
    availableFrom: DATE,
    availableUntil: DATE,
  },
);
const checkUser = checkOf(User, 'the row', { userId: ID, features: FEATURES });
const checkScore = checkOf(
  Type.Object({ userId: Type.String(), itemId: Type.String(), score: Type.Number() }, strict),
  'the row',
  { userId: ID, itemId: ID, score: 'a finite number' },
);

export interface InteractionOptions {
  /** Meanings of types, of which the scale of their values counts here. */
  installed?: Installed;
  /** True: a row without a time gets that of its receipt. */
  timeOfReceipt?: boolean;
  /** True: a time that an export calls one of receipt is one again. */
  keepsSource?: boolean;
}

/** @param now in milliseconds; a time more than CLOCK_SKEW_MS ahead of it is refused */
export function parseInteraction(
  raw: unknown,
  now: number,
  { installed = usuallyMeant, timeOfReceipt = false, keepsSource = false }: InteractionOptions = {},
): Parsed<StoredInteraction> {
  const checked = checkClean(checkInteraction, raw);
  if ('reason' in checked) return checked;
  const { userId, itemId, type, value = null, eventId, timestamp: time, context } = checked.ok;
  const badId =
    idProblem('userId', userId) ??
    idProblem('itemId', itemId) ??
    (eventId === undefined ? null : idProblem('eventId', eventId));
  if (badId !== null) return { reason: badId };
  if (!type.isWellFormed())
    return { reason: 'type contains half of a surrogate pair; send well-formed Unicode' };
  const badValue = valueProblem(type, installed(type), value);
  if (badValue !== null) {
    const reason = mustBe('value', badValue, value ?? undefined);
    return { reason: `${reason}; PUT /event-types/${encodeURIComponent(type)} declares another scale` };
  }
  const early = earlyTime('timestamp', time);
  if (early !== null) return { reason: early };
  const timestamp = time === undefined ? null : parseTimestamp(time);
  if (Number.isNaN(timestamp)) return { reason: mustBe('timestamp', DATE, time) };
  if (timestamp !== null && timestamp > now + CLOCK_SKEW_MS) {
    const latest = new Date(now + CLOCK_SKEW_MS).toISOString();
    return { reason: mustBe('timestamp', `a time in the past: at the latest ${latest}`, time) };
  }
  const badContext = context && contextProblem(context);
  if (badContext) return { reason: badContext };
  const isNow = timestamp === null && timeOfReceipt;
  const received = isNow || (keepsSource && timestamp !== null && checked.ok.timestampSource === 'received');
  return {
    ok: {
      ...{ userId, itemId, type, value, timestamp: isNow ? now : timestamp, eventId: eventId ?? null },
      ...(received && { received }),
      ...(context && Object.keys(context).length > 0 && { context }),
    },
  };
}

/** Postgres takes no NUL and no half of a surrogate pair, in names as little as in texts. */
function contextProblem(context: EventContext): string | null {
  const texts = Object.entries(context)
    .flat()
    .filter((part) => typeof part === 'string');
  const isBad = texts.some((text) => text.includes('\u0000') || !text.isWellFormed());
  return isBad ? 'context contains a NUL character or half of a surrogate pair; remove it' : null;
}

/** Checks a row as it is meant: see cleanRow. */
function checkClean<T>(check: (row: unknown) => Parsed<T>, raw: unknown): Parsed<T> {
  const clean = cleanRow(raw);
  return 'reason' in clean ? clean : check(clean.ok);
}

export function parseItem(raw: unknown): Parsed<StoredItem> {
  const checked = checkClean(checkItem, raw);
  if ('reason' in checked) return checked;
  const row = checked.ok;
  const badId = idProblem('itemId', row.itemId);
  if (badId !== null) return { reason: badId };
  const features = row.features ?? {};
  if (!fitsAsJson(features)) return { reason: mustBe('features', FEATURES, features) };
  const early =
    earlyTime('availableFrom', row.availableFrom) ?? earlyTime('availableUntil', row.availableUntil);
  if (early !== null) return { reason: early };
  const availableFrom = row.availableFrom === undefined ? null : parseDate(row.availableFrom);
  if (Number.isNaN(availableFrom)) return { reason: mustBe('availableFrom', DATE, row.availableFrom) };
  const availableUntil = row.availableUntil === undefined ? null : parseDate(row.availableUntil);
  if (Number.isNaN(availableUntil)) return { reason: mustBe('availableUntil', DATE, row.availableUntil) };
  if (availableFrom !== null && availableUntil !== null && availableUntil <= availableFrom) {
    return { reason: mustBe('availableUntil', 'later than availableFrom', row.availableUntil) };
  }
  return {
    ok: {
      itemId: row.itemId,
      // CSV cannot tell an empty title from none.
      title: row.title || null,
      categories: [...new Set(row.categories)],
      labels: [...new Set(row.labels)],
      features,
      hidden: row.hidden ?? false,
      availableFrom,
      availableUntil,
    },
  };
}

export function parseUser(raw: unknown): Parsed<StoredUser> {
  const checked = checkClean(checkUser, raw);
  if ('reason' in checked) return checked;
  const { userId, features = {} } = checked.ok;
  const badId = idProblem('userId', userId);
  if (badId !== null) return { reason: badId };
  if (!fitsAsJson(features)) return { reason: mustBe('features', FEATURES, features) };
  return { ok: { userId, features } };
}

export interface Score {
  userId: string;
  itemId: string;
  score: number;
}

/** A score of another model; it is kept in 32 bits. */
export function parseScore(raw: unknown): Parsed<Score> {
  const checked = checkClean(checkScore, raw);
  if ('reason' in checked) return checked;
  const { userId, itemId, score } = checked.ok;
  const badId = idProblem('userId', userId) ?? idProblem('itemId', itemId);
  if (badId !== null) return { reason: badId };
  if (!Number.isFinite(Math.fround(score))) {
    return { reason: mustBe('score', 'a number between -3.4e38 and 3.4e38', score) };
  }
  return checked;
}

/** The last millisecond that a Date can hold; beyond it nothing could be shown. */
const LAST_DATE = 8.64e15;

function parseDate(value: string | number): number {
  const time = parseTimestamp(value);
  return time > LAST_DATE ? Number.NaN : time;
}

const MAX_FEATURE_CHARACTERS = 65_536;

/** Nesting of many thousand levels makes JSON.stringify throw. */
function fitsAsJson(features: object): boolean {
  try {
    return JSON.stringify(features).length <= MAX_FEATURE_CHARACTERS;
  } catch {
    return false;
  }
}
