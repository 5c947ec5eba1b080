import { useEffect, useState } from 'preact/hooks';
import type { ImportPreview } from '../../../domain/data/import-preview.ts';
import { type ApiError, send } from '../../api.ts';
import { asApiError, useConnection } from '../../hooks.ts';
import { beginningOf, previewRefusal } from './file-format.ts';
import { type ImportChoice, importQuery } from './import-query.ts';

const PAUSE_MS = 250;

export interface Previewed {
  /** The last preview; null before there is one of this file. */
  preview: ImportPreview | null;
  error: ApiError | null;
  /** Why the file is not previewed. */
  refusal: string | null;
  isAsking: boolean;
}

/** What the API would make of a file, asked for anew whenever an option changes. */
export function usePreview(file: File, choice: ImportChoice): Previewed {
  const [{ preview, error }, setAnswer] = useState<Pick<Previewed, 'preview' | 'error'>>({
    preview: null,
    error: null,
  });
  const [isAsking, setAsking] = useState(true);
  const query = importQuery(choice);
  const refusal = previewRefusal(file, choice.format);
  const reachable = useConnection();
  useEffect(() => {
    if (refusal !== null || reachable !== 'up') return;
    const control = new AbortController();
    setAsking(true);
    const timer = setTimeout(async () => {
      try {
        const path = `/imports/preview?${query}`;
        const headers = { 'content-type': 'application/octet-stream' };
        const body = beginningOf(file, choice.format);
        const answer = await send<ImportPreview>('POST', path, { body, headers, signal: control.signal });
        setAnswer({ preview: answer.body, error: null });
      } catch (thrown) {
        if (control.signal.aborted) return;
        setAnswer((last) => ({ ...last, error: asApiError(thrown) }));
      }
      setAsking(false);
    }, PAUSE_MS);
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [file, query, refusal, reachable]);
  return { preview, error, refusal, isAsking: isAsking && refusal === null };
}
