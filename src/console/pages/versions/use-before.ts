import type { ModelVersion } from '../../../domain/answers/model.ts';
import { type Move, versionsBefore } from '../../../domain/releases/previous-version.ts';
import { type Page, useGet } from '../../hooks.ts';

/** Version that a rollback of an alias goes to; none where there is none, unknown until it is found out. */
export type Before = number | 'none' | 'unknown';

/** Moves that are looked back upon, as many as the api does, and versions of a page. */
const MOST = 1000;

/** Asks for the version that a rollback of the alias goes to. @param alias null asks nothing */
export function useBefore(model: string, alias: string | null): Before {
  const path = `/models/${encodeURIComponent(model)}`;
  const ask = (of: string) => (alias === null ? null : `${path}/${of}?limit=${MOST}`);
  const moves = useGet<Page<Move>>(ask(`aliases/${encodeURIComponent(alias ?? '')}/history`));
  const versions = useGet<Page<ModelVersion>>(ask('versions'));
  if (!moves.data || !versions.data) return 'unknown';
  return beforeIn(moves.data.data, versions.data);
}

/** @param moves the newest first @param versions the newest ones that are still there */
export function beforeIn(
  moves: readonly Move[],
  { data, nextCursor }: { data: readonly Pick<ModelVersion, 'version'>[]; nextCursor: string | null },
): Before {
  const there = new Set(data.map(({ version }) => version));
  const oldest = Math.min(...there);
  // Of versions older than those of the page nobody knows whether they are there.
  const found = versionsBefore(moves.toReversed()).find(
    (version) => there.has(version) || (nextCursor !== null && version < oldest),
  );
  if (found === undefined) return 'none';
  return there.has(found) ? found : 'unknown';
}
