import { loadScoreLists, type ScoreLists } from '../../artifact/score-lists.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { AppError, problem } from '../../core/errors.ts';
import type { Dataset } from '../../dataset/build.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Report } from '../../domain/reports/report.ts';
import type { StoredExternalTeacher } from '../../domain/teachers/external-teacher.ts';
import { createExternalTeacher, type ExternalSettings } from '../../teacher/kinds/external.ts';
import type { ReadyTeacher } from '../../teacher/stored/ready.ts';
import type { ExternalTeachers } from '../run/run-options.ts';

/** An imported teacher over the users and items of the data set, ready to answer. */
export interface ImportedTeacher extends ReadyTeacher {
  /** Says which lists it has, whatever they are called. */
  identity: { external: string };
  coverage: NonNullable<Report['teacherCoverage']>;
}

/**
 * Reads a teacher that was imported and puts it over the data set; ids that the data does not have are left out.
 * @throws problem('invalid-job') where there is none of that name, or it covers less than the job asks for
 */
export async function openImportedTeacher(
  settings: ExternalSettings,
  dataset: Pick<Dataset, 'users' | 'items'>,
  teachers: ExternalTeachers | undefined,
  artifacts: Pick<ArtifactStore, 'get'>,
): Promise<ImportedTeacher> {
  const { found, lists } = await readLists(settings.name, teachers, artifacts);
  const { listed, coverage } = placeLists(lists, dataset);
  refuseTooFew(settings, coverage);
  const { jobId, sha256 } = found;
  return {
    identity: { external: sha256 },
    coverage,
    create: (engine) => createExternalTeacher(engine, listed, { name: settings.name, jobId, sha256 }),
  };
}

async function readLists(
  name: string,
  teachers: ExternalTeachers | undefined,
  artifacts: Pick<ArtifactStore, 'get'>,
): Promise<{ found: StoredExternalTeacher; lists: ScoreLists }> {
  const find = async () => {
    const found = await teachers?.get(name);
    if (found) return found;
    throw problem(
      'invalid-job',
      `teacher.name: there is no external teacher ${name}; import it with POST /imports?kind=teacher&name=${name}`,
    );
  };
  const found = await find();
  try {
    return { found, lists: await loadScoreLists(artifacts, found.artifact) };
  } catch (error) {
    // An import of the same name may have replaced it in between.
    const now = await find();
    const isReplaced = error instanceof AppError && error.code === 'not-found' && now.jobId !== found.jobId;
    if (!isReplaced) throw error;
    return { found: now, lists: await loadScoreLists(artifacts, now.artifact) };
  }
}

/** The lists by the rows and columns of the data set. */
export function placeLists(
  lists: ScoreLists,
  { users, items }: Pick<Dataset, 'users' | 'items'>,
): { listed: Csr; coverage: ImportedTeacher['coverage'] } {
  const rowOf = new Map(lists.users.map((id, row) => [id, row]));
  const columnOf = new Map(items.map((id, column) => [id, column]));
  // Both sides are sorted by id, so that columns stay ascending.
  const column = Int32Array.from(lists.items, (id) => columnOf.get(id) ?? -1);
  const indptr = new Int32Array(users.length + 1);
  const indices = new Int32Array(lists.indices.length);
  const values = new Float32Array(lists.indices.length);
  let n = 0;
  const onList = new Uint8Array(items.length);
  let covered = 0;
  users.forEach((id, user) => {
    const row = rowOf.get(id);
    const from = n;
    if (row !== undefined) {
      for (let p = lists.indptr[row]!; p < lists.indptr[row + 1]!; p++) {
        const item = column[lists.indices[p]!]!;
        if (item < 0) continue;
        onList[item] = 1;
        indices[n] = item;
        values[n++] = lists.scores[p]!;
      }
    }
    if (n > from) covered++;
    indptr[user + 1] = n;
  });
  const known = new Set(users);
  return {
    listed: {
      rows: users.length,
      columns: items.length,
      indptr,
      indices: indices.slice(0, n),
      values: values.slice(0, n),
    },
    coverage: {
      users: users.length,
      usersWithList: covered,
      items: items.length,
      itemsOnLists: onList.reduce((sum, one) => sum + one, 0),
      unknownUsers: lists.users.filter((id) => !known.has(id)).length,
      unknownItems: column.filter((item) => item < 0).length,
    },
  };
}

function refuseTooFew({ name, minUsers, minItems }: ExternalSettings, coverage: ImportedTeacher['coverage']) {
  const { users, usersWithList, items, itemsOnLists, unknownUsers, unknownItems } = coverage;
  const sides = [
    {
      what: 'users',
      has: usersWithList,
      of: users,
      least: minUsers,
      field: 'minUsers',
      unknown: unknownUsers,
    },
    {
      what: 'items',
      has: itemsOnLists,
      of: items,
      least: minItems,
      field: 'minItems',
      unknown: unknownItems,
    },
  ];
  for (const { what, has, of, least, field, unknown } of sides) {
    if (has > 0 && has >= least * of) continue;
    const wanted = Math.max(1, Math.ceil(least * of));
    throw problem(
      'invalid-job',
      `teacher ${name} covers ${has} of the ${of} ${what} that count in the data, and ${wanted} are needed; ` +
        `it names ${unknown} ${what} that the data does not have. Import lists for more of them${has > 0 ? `, or lower teacher.${field} of ${least}` : ''}`,
      { coverage: { ...coverage } },
    );
  }
}
