import type { Store } from '../../store/store.ts';
import type { Changes } from './changes.ts';

/** The memory that a write makes out of date: that of these users (null: of anybody), of items or of rules. */
type Change = { users: readonly string[] | null } | 'items' | 'rules';

type Method = (...args: never[]) => Promise<unknown>;

interface Write<M extends Method> {
  /** Says what is out of date after a call with these arguments. */
  changes(...args: Parameters<M>): Change;
  /** True where a call that fails may have stored a part. */
  evenWhereItFails?: true;
}

/** The method changes nothing that serving remembers. */
const NOTHING = null;

type EffectsOfGroup<Group> = {
  [Name in keyof Group]: Group[Name] extends Method ? Write<Group[Name]> | typeof NOTHING : never;
};

/** Says for every method of the store what it changes; a group of which serving remembers nothing is decided as a whole. */
export type Effects<S> = {
  [Group in keyof S]: S[Group] extends Method ? typeof NOTHING : EffectsOfGroup<S[Group]> | typeof NOTHING;
};

const users = (ids: readonly string[] | null): Change => ({ users: ids });
const usersOf = (rows: readonly { userId: string }[]) =>
  users([...new Set(rows.map(({ userId }) => userId))]);

/** A new method or group does not compile before its line is here. */
export const EFFECTS: Effects<Store> = {
  interactions: {
    add: { changes: usersOf },
    addBatch: { changes: (batch) => users(batch.users), evenWhereItFails: true },
    history: NOTHING,
    list: NOTHING,
    hasEvent: NOTHING,
    types: NOTHING,
    countUpTo: NOTHING,
    distinctUpTo: NOTHING,
    mostPopular: NOTHING,
    snapshot: NOTHING,
    sample: NOTHING,
  },
  catalogue: {
    putItems: { changes: () => 'items' },
    putUsers: { changes: usersOf },
    changeItem: { changes: () => 'items' },
    changeUser: { changes: (userId) => users([userId]) },
    deleteItem: { changes: () => 'items' },
    getItem: NOTHING,
    getUser: NOTHING,
    listItems: NOTHING,
    listUsers: NOTHING,
    getItems: NOTHING,
    latestItems: NOTHING,
    unknownItems: NOTHING,
    restrictedItems: NOTHING,
    coverage: NOTHING,
    unlistedItems: NOTHING,
    counts: NOTHING,
    itemsRevision: NOTHING,
  },
  // Deletions are rare and may touch anybody.
  deletions: {
    user: { changes: (userId, former = []) => users([userId, ...former]), evenWhereItFails: true },
    interactions: { changes: () => users(null), evenWhereItFails: true },
    expire: { changes: () => users(null), evenWhereItFails: true },
    erasedSince: NOTHING,
    list: NOTHING,
  },
  users: {
    merge: { changes: (userId, into) => users([userId, into]) },
    mergedInto: NOTHING,
    becameOf: NOTHING,
    isThere: NOTHING,
    newest: NOTHING,
  },
  // What types mean changes what every history says.
  eventTypes: {
    put: { changes: () => users(null) },
    remove: { changes: () => users(null) },
    list: NOTHING,
  },
  rules: {
    add: { changes: () => 'rules' },
    remove: { changes: () => 'rules' },
    list: NOTHING,
    get: NOTHING,
  },
  // Few and as small as rules, and forgotten together with them.
  policies: {
    put: { changes: () => 'rules' },
    remove: { changes: () => 'rules' },
    list: NOTHING,
  },
  keys: {
    add: { changes: () => 'rules' },
    rotate: { changes: () => 'rules' },
    remove: { changes: () => 'rules' },
    revision: NOTHING,
    list: NOTHING,
    used: NOTHING,
  },
  audit: NOTHING,
  // Live models follow the registry by themselves.
  models: NOTHING,
  exports: NOTHING,
  // Restoring is the work of a process that serves nothing.
  backup: NOTHING,
  // Its readers ask for its state.
  popularity: NOTHING,
  rejects: NOTHING,
  jobs: NOTHING,
  schedules: NOTHING,
  notices: NOTHING,
  webhooks: NOTHING,
  drift: NOTHING,
  sweeps: NOTHING,
  consumed: {
    store: { changes: ({ rows }) => usersOf(rows) },
    positions: NOTHING,
    begin: NOTHING,
    rejects: NOTHING,
    sweep: NOTHING,
    reset: NOTHING,
  },
  workers: NOTHING,
  idempotency: NOTHING,
  externalTeachers: NOTHING,
  served: NOTHING,
  traffic: NOTHING,
  ping: NOTHING,
  faults: NOTHING,
  close: NOTHING,
};

type Announce = Pick<Changes, 'users' | 'items' | 'rules'>;

/** The store, with every write that makes something out of date announced before its caller is answered. */
export function announceWrites<S extends Partial<Store>>(store: S, changes: Announce): S {
  const announced: Partial<Record<string, unknown>> = { ...store };
  for (const [group, effects] of Object.entries(EFFECTS)) {
    const methods = announced[group];
    if (effects && methods) announced[group] = announceGroup(methods as Methods, effects as Writes, changes);
  }
  return announced as S;
}

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;
type Writes = Record<string, Write<(...args: unknown[]) => Promise<unknown>> | typeof NOTHING>;

function announceGroup(methods: Methods, writes: Writes, changes: Announce): Methods {
  const announced = { ...methods };
  for (const [name, write] of Object.entries(writes)) {
    const method = methods[name];
    if (!write || !method) continue;
    announced[name] = async (...args) => {
      // Before the call: the memory of a batch is handed over.
      const change = write.changes(...args);
      let isDone = false;
      try {
        const answer = await method(...args);
        isDone = true;
        return answer;
      } finally {
        if (isDone || write.evenWhereItFails) announce(change, changes);
      }
    };
  }
  return announced;
}

function announce(change: Change, changes: Announce): void {
  if (change === 'items') changes.items();
  else if (change === 'rules') changes.rules();
  else changes.users(change.users);
}
