import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, get, send } from './api.ts';
import { type Connection, connection, onConnection } from './connection.ts';

export interface Got<T> {
  /** Null until the first answer; the last one while a newer is asked for. */
  data: T | null;
  error: ApiError | null;
  isLoading: boolean;
  reload: () => void;
}

export function useConnection(): Connection {
  const [state, setState] = useState(connection);
  useEffect(() => onConnection(setState), []);
  return state;
}

/**
 * Answer to a GET. It is asked again when the path changes, when the api is back or got its key, and every `everyMs` while the page
 * is in view.
 * @param path null asks nothing yet
 */
export function useGet<T>(path: string | null, everyMs?: number): Got<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: ApiError | null }>({
    path,
    data: null,
    error: null,
  });
  const [isLoading, setLoading] = useState(path !== null);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  const reachable = useConnection();

  useEffect(() => {
    if (path === null || reachable !== 'up') return;
    const control = new AbortController();
    setLoading(true);
    get<T>(path, control.signal).then(
      (data) => {
        setState({ path, data, error: null });
        setLoading(false);
      },
      (error: Error) => {
        if (control.signal.aborted) return;
        const data = (last: T | null) => (error instanceof ApiError && error.status === 404 ? null : last);
        setState((last) => ({
          path,
          data: last.path === path ? data(last.data) : null,
          error: asApiError(error),
        }));
        setLoading(false);
      },
    );
    return () => control.abort();
  }, [path, round, reachable]);
  useEvery(everyMs, reload);

  // What another path answered is not this one's.
  const isOwn = state.path === path;
  return { data: isOwn ? state.data : null, error: isOwn ? state.error : null, isLoading, reload };
}

/** Calls again and again while the page is in view. */
export function useEvery(everyMs: number | undefined, call: () => void): void {
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (!document.hidden) call();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, call]);
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Pages<T> extends Got<T[]> {
  /** Number of the page that is shown, from 1. */
  number: number;
  /** Null on the last page. */
  next: (() => void) | null;
  /** Null on the first page. */
  previous: (() => void) | null;
}

/**
 * A list of the API, page by page; only one page is held.
 * @param path without cursor, such as `/jobs?state=failed`
 */
export function usePages<T>(path: string | null, limit = 25, everyMs?: number): Pages<T> {
  const [{ of, cursors }, setCursors] = useState<{ of: string | null; cursors: string[] }>({
    of: path,
    cursors: [],
  });
  const current = of === path ? cursors : [];
  const cursor = current.at(-1);
  const query = `limit=${limit}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
  // A later page is a moment in a list that grows at its front: asked again it would stay the same.
  const again = cursor === undefined ? everyMs : undefined;
  const got = useGet<Page<T>>(
    path === null ? null : `${path}${path.includes('?') ? '&' : '?'}${query}`,
    again,
  );
  const nextCursor = got.data?.nextCursor ?? null;
  return {
    ...got,
    data: got.data?.data ?? null,
    number: current.length + 1,
    next: nextCursor === null ? null : () => setCursors({ of: path, cursors: [...current, nextCursor] }),
    previous: current.length === 0 ? null : () => setCursors({ of: path, cursors: current.slice(0, -1) }),
  };
}

export interface Action {
  isRunning: boolean;
  error: ApiError | null;
  /** Resolves with true where it worked. */
  run: () => Promise<boolean>;
  forget: () => void;
}

/** Something that a person sets off, with what became of it; run twice at once it runs once. */
export function useAction(work: () => Promise<unknown>): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async () => {
    if (isRunning) return false;
    setRunning(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      setError(asApiError(thrown));
      return false;
    } finally {
      setRunning(false);
    }
  };
  return { isRunning, error, run, forget: () => setError(null) };
}

/** Action of `useAction` that sends one request. */
export function useSend(method: string, path: string, json?: unknown): Action {
  return useAction(() => send(method, path, json === undefined ? {} : { json }));
}

export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, 'in-the-page', thrown instanceof Error ? thrown.message : String(thrown));
}
