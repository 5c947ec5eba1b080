import { useEffect, useState } from 'preact/hooks';
import type { TrafficView } from '../../../domain/traffic/traffic.ts';
import { type ApiError, send } from '../../api.ts';
import { asApiError, useConnection } from '../../hooks.ts';

export interface TrafficRead {
  data: TrafficView | null;
  /** For If-Match of the next change; null where there is no traffic. */
  etag: string | null;
  error: ApiError | null;
  reload: () => void;
}

/** Traffic of a model with its ETag. @param state as `online` says it; null asks nothing, as there is none */
export function useTraffic(model: string, state: string | null): TrafficRead {
  const [read, setRead] = useState<Omit<TrafficRead, 'reload'>>({ data: null, etag: null, error: null });
  const [round, setRound] = useState(0);
  const reachable = useConnection();
  useEffect(() => {
    if (reachable !== 'up') return;
    if (state === null) {
      setRead({ data: null, etag: null, error: null });
      return;
    }
    const control = new AbortController();
    send<TrafficView>('GET', `/models/${encodeURIComponent(model)}/traffic`, { signal: control.signal }).then(
      ({ body, headers }) => setRead({ data: body, etag: headers.get('etag'), error: null }),
      (error) => {
        if (!control.signal.aborted) setRead({ data: null, etag: null, error: asApiError(error) });
      },
    );
    return () => control.abort();
  }, [model, state, round, reachable]);
  return { ...read, reload: () => setRound((last) => last + 1) };
}
