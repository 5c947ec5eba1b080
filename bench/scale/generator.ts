import { createRng, type Rng } from '../../src/core/rng.ts';
import type { InteractionColumns, InteractionSource } from '../../src/domain/data/interaction-source.ts';
import { type Catalogue, createCatalogue, GENRES, PERIODS } from './catalogue.ts';

export interface GeneratorSettings {
  users: number;
  items: number;
  interactions: number;
  /** Shares of the interactions by type, which have no value then; without them all are ratings. */
  tasks?: Record<string, number>;
  seed: number;
}

const CHUNK_ROWS = 1 << 16;
const START = Date.UTC(2021, 0, 1);
const SPAN_MS = 4 * 365 * 86_400_000;
const FAVOURITES = 3;
/** Of a user's choices, this share follows no taste. */
const WANDERING = 0.15;
/** Draws after which a user takes the next item that is still new to them. */
const DRAWS = 6;

/**
 * Ratings 1-5, or interactions of several types, with what real ones have: popularity by Zipf's law, users of very different activity, favourite genres
 * that turn into others over time, fashions. No pair occurs twice. Only one chunk exists at a time.
 */
export function syntheticInteractions(settings: GeneratorSettings): InteractionSource {
  const { users, items, seed, tasks = { rating: 1 } } = settings;
  const names = {
    types: () => new Map(Object.keys(tasks).map((type, i) => [i + 1, type])),
    users: () => namesOf('user', users),
    items: () => namesOf('item', items),
  };
  return {
    async *interactions() {
      yield* chunks(settings, createCatalogue(items, createRng(seed).fork('catalogue')));
    },
    dictionary: async (kind) => names[kind](),
  };
}

function namesOf(prefix: string, count: number): Map<number, string> {
  const names = new Map<number, string>();
  for (let key = 1; key <= count; key++) names.set(key, `${prefix}-${key}`);
  return names;
}

function* chunks(settings: GeneratorSettings, catalogue: Catalogue): Generator<InteractionColumns> {
  const rng = createRng(settings.seed).fork('interactions');
  const lengths = historyLengths(settings, rng);
  const lastUser = new Int32Array(settings.items).fill(-1);
  let chunk = emptyChunk(Math.min(CHUNK_ROWS, settings.interactions));
  let left = settings.interactions;
  for (let user = 0; user < settings.users; user++) {
    const taste = createTaste(rng);
    const from = rng.next() * 0.5;
    const length = lengths[user]!;
    for (let i = 0; i < length; i++) {
      const time = from + ((1 - from) * (i + rng.next())) / length;
      const item = newItem(catalogue, taste, time, lastUser, user, rng);
      const n = chunk.length++;
      chunk.userKey[n] = user + 1;
      chunk.itemKey[n] = item + 1;
      chunk.value[n] = settings.tasks ? Number.NaN : rate(catalogue, taste, time, item, rng);
      if (settings.tasks) chunk.typeKey[n] = typeKeyOf(Object.values(settings.tasks), rng);
      chunk.timestamp[n] = START + Math.floor(time * SPAN_MS);
      left--;
      if (chunk.length === chunk.userKey.length) {
        yield chunk;
        chunk = emptyChunk(Math.min(CHUNK_ROWS, left));
      }
    }
  }
}

function emptyChunk(rows: number): InteractionColumns {
  return {
    length: 0,
    userKey: new Int32Array(rows),
    itemKey: new Int32Array(rows),
    typeKey: new Int32Array(rows).fill(1),
    value: new Float64Array(rows),
    timestamp: new Float64Array(rows),
  };
}

/** Log-normal, at least three and at most a fifth of the catalogue; together exactly as many as asked for. */
function historyLengths({ users, items, interactions }: GeneratorSettings, rng: Rng): Int32Array {
  const least = Math.min(3, Math.floor(interactions / users));
  const most = Math.floor(items / 5);
  if (interactions > users * most)
    throw new Error(`${users} users can have ${users * most} interactions at most`);
  const activity = Float64Array.from({ length: users }, () => Math.exp(rng.normal()));
  const mean = activity.reduce((sum, a) => sum + a, 0) / users;
  const each = interactions / users - least;
  const lengths = Int32Array.from(activity, (a) => Math.min(most, least + Math.floor((each * a) / mean)));
  let missing = interactions - lengths.reduce((sum, n) => sum + n, 0);
  for (let user = 0; missing > 0; user = (user + 1) % users) {
    if (lengths[user]! >= most) continue;
    lengths[user]!++;
    missing--;
  }
  return lengths;
}

interface Taste {
  before: Int32Array;
  after: Int32Array;
}

/** Some favourites stay, some turn into others. */
function createTaste(rng: Rng): Taste {
  const before = Int32Array.from({ length: FAVOURITES }, () => rng.int(GENRES));
  return { before, after: before.map((genre) => (rng.next() < 0.5 ? genre : rng.int(GENRES))) };
}

function newItem(
  catalogue: Catalogue,
  taste: Taste,
  time: number,
  lastUser: Int32Array,
  user: number,
  rng: Rng,
): number {
  const period = Math.min(PERIODS - 1, Math.floor(time * PERIODS));
  let item = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const favourites = rng.next() < time ? taste.after : taste.before;
    const genre = rng.next() < WANDERING ? rng.int(GENRES) : favourites[rng.int(FAVOURITES)]!;
    item = catalogue.draw(genre, period, rng);
    if (lastUser[item] !== user) break;
  }
  while (lastUser[item] === user) item = (item + 1) % lastUser.length;
  lastUser[item] = user;
  return item;
}

/** A key from 1 on, by the shares. */
function typeKeyOf(shares: readonly number[], rng: Rng): number {
  let left = rng.next();
  for (const [i, share] of shares.entries()) {
    left -= share;
    if (left < 0) return i + 1;
  }
  return shares.length;
}

function rate(catalogue: Catalogue, taste: Taste, time: number, item: number, rng: Rng): number {
  const favourites = time > 0.5 ? taste.after : taste.before;
  const liked = favourites.includes(catalogue.genre[item]!) ? 0.8 : 0;
  const score = 3.2 + liked + catalogue.quality[item]! + 0.8 * rng.normal();
  return Math.max(1, Math.min(5, Math.round(score)));
}
