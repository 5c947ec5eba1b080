import { useState } from 'preact/hooks';
import type { ImportPreview } from '../../../domain/data/import-preview.ts';
import { type ApiError, send } from '../../api.ts';
import { useLate } from '../use-late.ts';
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

/** The API's reading of a file, asked for anew whenever an option changes. A component shows one file in its life. */
export function usePreview(file: File, choice: ImportChoice): Previewed {
  const [answer, setAnswer] = useState<Pick<Previewed, 'preview' | 'error'>>({ preview: null, error: null });
  const query = importQuery(choice);
  const refusal = previewRefusal(file, choice.format);
  const isAsking = useLate({
    key: refusal === null ? query : null,
    pauseMs: PAUSE_MS,
    ask: (signal) => {
      const headers = { 'content-type': 'application/octet-stream' };
      const body = beginningOf(file, choice.format);
      return send<ImportPreview>('POST', `/imports/preview?${query}`, { body, headers, signal });
    },
    onAnswer: ({ body: preview }) => setAnswer({ preview, error: null }),
    onError: (error) => setAnswer(({ preview }) => ({ preview, error })),
  });
  return { ...answer, refusal, isAsking };
}
