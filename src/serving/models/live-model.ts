import type { ArtifactStore } from '../../artifact/store/store.ts';
import { DEFAULT_TASK, type Manifest } from '../../artifact/student/manifest.ts';
import type { QuantizedRows, StudentWeights } from '../../artifact/student/student-weights.ts';
import { runInSlices } from '../../core/slices.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import { type Bag, createEncoder, type Encoder } from '../../features/encoding.ts';
import type { FindTop } from '../../scoring/find-top.ts';
import type { RowIndex } from '../../scoring/row-index.ts';
import { openStudentScorer, type StudentScorer, scorerOfTask } from '../../scoring/student-scorer.ts';
import { createHistoryFold, type HistoryFold } from '../caches/history.ts';
import { createUserCache, type UserCache } from '../caches/user-cache.ts';
import type { CatalogueWork } from '../threads/catalogue-work.ts';
import type { PreparedStudent } from '../threads/prepare-student.ts';
import { addItems, type CatalogueSource, type NewItems, readNewItems } from './catalogue-items.ts';
import { checkRegistered, type LiveVersion } from './live-version.ts';

/** One version of a model that recommends items, ready to answer. Immutable but for its scorer's working memory. */
export interface LiveModel extends LiveVersion {
  kind: 'items';
  manifest: Manifest;
  /** Item ids in row order, and back. */
  items: readonly string[];
  rowOf: RowIndex;
  weights: StudentWeights;
  /** Rows by which items are compared: those that are scanned, without what only ranking needs. */
  alike: QuantizedRows;
  scorer: StudentScorer;
  /** The scan over all its items. */
  findTop: FindTop;
  fold: HistoryFold;
  /** Users' folded histories. */
  users: UserCache;
  /** The tasks that it can be asked for; a request without one means the first. */
  tasks: readonly [LiveTask, ...LiveTask[]];
  /** Encodes a user's features; only for a student that reads them. */
  encodeUser?: Encoder;
  /** Says whether the student answers a user: one with a history, or of whom features tell more than popularity does. */
  answers(history: ArrayLike<number>, side: Bag | null): boolean;
  /**
   * Loads the version anew with the items that the catalogue has by now; null when they are these. Only for a student
   * that reads items' features.
   */
  renewed?(): Promise<LiveModel | null>;
}

export interface LiveTask {
  name: string;
  /** All tasks scan the same rows. */
  scorer: StudentScorer;
  /** Only these behaviours make an item seen; undefined for all of them. */
  seenTypes: ReadonlySet<string> | undefined;
  /** Factor on its scores that makes their softmax a probability; undefined where no scale was fitted. */
  scoreScale: number | undefined;
}

const USER_CACHE_BYTES = 64 << 20;
/** Weights that fade with age may be about this old. */
const FRESH_MS = 60_000;
/** Text, its place in the map and the bounds of the row. */
const BYTES_PER_ID = 200;

type Registered = Pick<RegisteredVersion, 'model' | 'version' | 'artifact' | 'items' | 'dimensions'>;

interface Setup {
  registered: Registered;
  prepared: PreparedStudent;
  work: CatalogueWork;
  catalogue: CatalogueSource | undefined;
  installed: (() => Installed) | undefined;
}

/**
 * Loads a version aside and tries it before anybody else does.
 * @param isServing whether requests are answered meanwhile
 * @param catalogue of which items that are new to it get rows, where it reads what is said of them
 * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
 */
export async function loadLiveModel(
  artifacts: Pick<ArtifactStore, 'get'>,
  registered: Registered,
  work: CatalogueWork,
  isServing: boolean,
  catalogue?: CatalogueSource,
  installed?: () => Installed,
): Promise<LiveModel> {
  const prepared = await work.prepare(artifacts, registered.artifact, registered.items, isServing);
  checkRegistered(prepared.manifest, registered);
  const setup = { registered, prepared, work, catalogue, installed };
  return openLiveModel(setup, await newItemsOf(setup));
}

async function newItemsOf({ prepared, catalogue }: Setup): Promise<NewItems | undefined> {
  const { items } = prepared.weights.features ?? {};
  return items && catalogue && readNewItems(catalogue, prepared.rowOf, items);
}

async function openLiveModel(setup: Setup, fresh: NewItems | undefined): Promise<LiveModel> {
  const { registered, prepared, work } = setup;
  const { model, version, artifact } = registered;
  const scratches = work.scratches(prepared.items.length + (fresh?.ids.length ?? 0));
  const { manifest, weights, items, rowOf, packed, alike } = fresh
    ? await runInSlices(addItems(prepared, fresh, scratches))
    : { ...prepared, alike: undefined };
  const scorer = openStudentScorer(weights, packed);
  const users = createUserCache(
    USER_CACHE_BYTES,
    weights.itemsOut.width,
    manifest.weighting.halfLifeDays === null ? Number.POSITIVE_INFINITY : FRESH_MS,
  );
  const { encoding, onlyWithHistory = false } = weights.features?.users ?? {};
  return {
    kind: 'items',
    name: model,
    version,
    artifact,
    manifest,
    items,
    rowOf,
    weights,
    alike: alike ?? weights.itemsOut,
    scorer,
    findTop: work.open(packed.matrix, scorer.kernel),
    fold: createHistoryFold(rowOf, manifest.weighting, {
      rated: weights.rating !== undefined,
      onChange: () => users.forget(null),
      ...(setup.installed && { installed: setup.installed }),
      ...(manifest.maxHistory !== undefined && { most: manifest.maxHistory }),
    }),
    users,
    forgetUsers: users.forget,
    tasks: tasksOf(weights, scorer, manifest.scoreScale),
    ...(encoding && { encodeUser: createEncoder(encoding) }),
    answers: (history, side) => history.length > 0 || (side !== null && !onlyWithHistory),
    ...(fresh && { renewed: renewal(setup, fresh) }),
    bytes: items.length * (4 * weights.itemsOut.width + BYTES_PER_ID),
  };
}

/** Reading the whole catalogue may take so small a share of the time. */
const READING_SHARE = 0.05;

/** One cheap question as long as no item changes. */
function renewal(setup: Setup, fresh: NewItems): NonNullable<LiveModel['renewed']> {
  let { revision } = fresh;
  let notBefore = 0;
  return async () => {
    const started = performance.now();
    if (started < notBefore || (await setup.catalogue!.itemsRevision()) === revision) return null;
    const now = (await newItemsOf(setup))!;
    revision = now.revision;
    const ended = performance.now();
    notBefore = ended + (ended - started) / READING_SHARE;
    return now.hash === fresh.hash ? null : openLiveModel(setup, now);
  };
}

function tasksOf(
  weights: StudentWeights,
  scorer: StudentScorer,
  scales: Manifest['scoreScale'],
): LiveModel['tasks'] {
  const [first, ...others] = (weights.heads ?? []).map(({ task, types }, i) => ({
    name: task,
    scorer: i === 0 ? scorer : scorerOfTask(scorer, weights, i),
    seenTypes: new Set(types),
    scoreScale: scales?.[task],
  }));
  const only = weights.rating ? 'rating' : DEFAULT_TASK;
  if (first) return [first, ...others];
  return [{ name: only, scorer, seenTypes: undefined, scoreScale: scales?.[DEFAULT_TASK] }];
}
