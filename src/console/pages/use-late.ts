import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api.ts';
import { asApiError, useConnection } from '../hooks.ts';

const AGAIN_MS = 3000;
/** The api has too much to do for a moment, or so many requests were made. */
const PASSING = [429, 503];

interface Late<T> {
  /** A text that changes whenever the answer may; null asks nothing. */
  key: string | null;
  /** Pause in typing after which the api is asked. */
  pauseMs: number;
  ask: (signal: AbortSignal) => Promise<T>;
  onAnswer: (answer: T) => void;
  onError: (error: ApiError) => void;
}

/**
 * Asks when nothing has changed for a moment, and again where the api says that it cannot answer right now. An answer to an
 * earlier question is dropped.
 * @returns whether an answer is awaited
 */
export function useLate<T>({ key, pauseMs, ask, onAnswer, onError }: Late<T>): boolean {
  const [isAsking, setAsking] = useState(key !== null);
  const reachable = useConnection();
  useEffect(() => {
    setAsking(key !== null);
    if (key === null || reachable !== 'up') return;
    const control = new AbortController();
    const run = async () => {
      try {
        const answer = await ask(control.signal);
        if (!control.signal.aborted) onAnswer(answer);
      } catch (thrown) {
        if (control.signal.aborted) return;
        const error = asApiError(thrown);
        onError(error);
        if (PASSING.includes(error.status)) {
          timer = setTimeout(run, AGAIN_MS);
          return;
        }
      }
      setAsking(false);
    };
    let timer = setTimeout(run, pauseMs);
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [key, reachable]);
  return isAsking;
}
