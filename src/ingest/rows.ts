import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { idProblem } from '../domain/base/id.ts';
import { parseTimestamp } from '../domain/base/timestamp.ts';
import { Item, type StoredItem, type StoredUser, User } from '../domain/data/catalogue.ts';
import {
  CLOCK_SKEW_MS,
  Interaction,
  RATING_TYPE,
  type StoredInteraction,
} from '../domain/data/interaction.ts';
import { type Expectations, reasonFrom, wrong } from './reason.ts';

export type Parsed<T> = { ok: T } | { reason: string };

const ID = 'text of 1-256 bytes';
const DATE = 'a time since 1970 such as 2026-03-01T12:00:00Z or 1772366400 (Unix seconds or milliseconds)';
const NAMES = 'a list of at most 100 texts of 1-256 characters';
const FEATURES = 'an object of at most 64 KiB';

const INTERACTION: Expectations = {
  userId: ID,
  itemId: ID,
  type: 'a name such as click: a letter, then at most 63 letters, digits or any of _ . -',
  value: 'a number',
  timestamp: DATE,
  eventId: ID,
  recommendationId: 'text of 1-64 characters',
};
const ITEM: Expectations = {
  itemId: ID,
  title: 'text of at most 1024 characters',
  categories: NAMES,
  labels: NAMES,
  features: FEATURES,
  hidden: 'true or false',
  availableFrom: DATE,
  availableUntil: DATE,
};
const SCORE: Expectations = { userId: ID, itemId: ID, score: 'a finite number' };
const USER: Expectations = { userId: ID, features: FEATURES };

// The schemas' date-time format is stricter than what parseTimestamp reads: files have dates without a time.
const AnyTime = Type.Optional(Type.Union([Type.String(), Type.Number()]));
const strict = { additionalProperties: false } as const;
const interactionRow = Compile(Type.Object({ ...Interaction.properties, timestamp: AnyTime }, strict));
const itemRow = Compile(
  Type.Object({ ...Item.properties, availableFrom: AnyTime, availableUntil: AnyTime }, strict),
);
const userRow = Compile(User);
const scoreRow = Compile(
  Type.Object({ userId: Type.String(), itemId: Type.String(), score: Type.Number() }, strict),
);

/** @param now milliseconds; a time more than CLOCK_SKEW_MS ahead of it is refused */
export function parseInteraction(raw: unknown, now: number): Parsed<StoredInteraction> {
  if (!interactionRow.Check(raw)) return { reason: reasonFrom(interactionRow, raw, INTERACTION) };
  const { userId, itemId, type, value, eventId } = raw;
  const badId =
    idProblem('userId', userId) ??
    idProblem('itemId', itemId) ??
    (eventId === undefined ? null : idProblem('eventId', eventId));
  if (badId !== null) return { reason: badId };
  if (type === RATING_TYPE && !(value !== undefined && value >= 1 && value <= 5)) {
    return { reason: wrong('value', value, 'a number from 1 to 5 when type is rating') };
  }
  const timestamp = raw.timestamp === undefined ? null : parseTimestamp(raw.timestamp);
  if (Number.isNaN(timestamp)) return { reason: wrong('timestamp', raw.timestamp, DATE) };
  if (timestamp !== null && timestamp > now + CLOCK_SKEW_MS) {
    const latest = new Date(now + CLOCK_SKEW_MS).toISOString();
    return { reason: wrong('timestamp', raw.timestamp, `a time in the past: at the latest ${latest}`) };
  }
  return { ok: { userId, itemId, type, value: value ?? null, timestamp, eventId: eventId ?? null } };
}

export function parseItem(raw: unknown): Parsed<StoredItem> {
  if (!itemRow.Check(raw)) return { reason: reasonFrom(itemRow, raw, ITEM) };
  const badId = idProblem('itemId', raw.itemId);
  if (badId !== null) return { reason: badId };
  const features = raw.features ?? {};
  if (!fitsAsJson(features)) return { reason: wrong('features', features, FEATURES) };
  const availableFrom = raw.availableFrom === undefined ? null : parseDate(raw.availableFrom);
  if (Number.isNaN(availableFrom)) return { reason: wrong('availableFrom', raw.availableFrom, DATE) };
  const availableUntil = raw.availableUntil === undefined ? null : parseDate(raw.availableUntil);
  if (Number.isNaN(availableUntil)) return { reason: wrong('availableUntil', raw.availableUntil, DATE) };
  if (availableFrom !== null && availableUntil !== null && availableUntil <= availableFrom) {
    return { reason: wrong('availableUntil', raw.availableUntil, 'later than availableFrom') };
  }
  return {
    ok: {
      itemId: raw.itemId,
      title: raw.title ?? null,
      categories: [...new Set(raw.categories)],
      labels: [...new Set(raw.labels)],
      features,
      hidden: raw.hidden ?? false,
      availableFrom,
      availableUntil,
    },
  };
}

export function parseUser(raw: unknown): Parsed<StoredUser> {
  if (!userRow.Check(raw)) return { reason: reasonFrom(userRow, raw, USER) };
  const badId = idProblem('userId', raw.userId);
  if (badId !== null) return { reason: badId };
  const features = raw.features ?? {};
  if (!fitsAsJson(features)) return { reason: wrong('features', features, FEATURES) };
  return { ok: { userId: raw.userId, features } };
}

export interface Score {
  userId: string;
  itemId: string;
  score: number;
}

/** A score of another model; it is kept in 32 bits. */
export function parseScore(raw: unknown): Parsed<Score> {
  if (!scoreRow.Check(raw)) return { reason: reasonFrom(scoreRow, raw, SCORE) };
  const badId = idProblem('userId', raw.userId) ?? idProblem('itemId', raw.itemId);
  if (badId !== null) return { reason: badId };
  if (!Number.isFinite(Math.fround(raw.score))) {
    return { reason: wrong('score', raw.score, 'a number between -3.4e38 and 3.4e38') };
  }
  return { ok: raw };
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
