import { useEffect, useState } from 'preact/hooks';
import type { Recommendation } from '../../../domain/answers/recommendation.ts';
import { type ApiError, send } from '../../api.ts';
import { asApiError, useConnection } from '../../hooks.ts';
import type { Request } from './asked.ts';

export interface Answered {
  data: Recommendation | null;
  error: ApiError | null;
}

/** The answer to a request for recommendations; asked again when the request changes, and the last one is kept until then. */
export function useAnswer(request: Request | null): Answered {
  const [state, setState] = useState<Answered>({ data: null, error: null });
  const reachable = useConnection();
  useEffect(() => {
    if (request === null || reachable !== 'up') return;
    const control = new AbortController();
    const { method, path, json } = request;
    send<Recommendation>(method, path, { ...(json && { json }), signal: control.signal }).then(
      ({ body }) => setState({ data: body, error: null }),
      (error) => {
        if (!control.signal.aborted) setState({ data: null, error: asApiError(error) });
      },
    );
    return () => control.abort();
  }, [JSON.stringify(request), reachable]);
  return request === null ? { data: null, error: null } : state;
}
