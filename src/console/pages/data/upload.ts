import type { Job } from '../../../domain/jobs/job.ts';
import { ApiError, addressOf, apiKey } from '../../api.ts';
import { noteAway } from '../../connection.ts';

/**
 * Sends a file as it is. XMLHttpRequest tells how much was sent; fetch does not.
 * @param path of the API with its query
 * @param onSent gets the share that was sent, 0 to 1
 * @returns the job that imports the file
 * @throws ApiError
 */
export function upload(
  path: string,
  file: Blob,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<Job> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf(path));
    request.setRequestHeader('content-type', 'application/octet-stream');
    const key = apiKey();
    if (key !== null) request.setRequestHeader('authorization', `Bearer ${key}`);
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onSent(total > 0 ? loaded / total : 1),
    );
    request.addEventListener('load', () => {
      const answer = parsed(request.responseText);
      if (request.status === 202) return resolve(answer as unknown as Job);
      const { code = 'unknown', detail = `The answer was ${request.status}.`, ...rest } = answer;
      reject(new ApiError(request.status, String(code), String(detail), rest));
    });
    request.addEventListener('error', () => {
      noteAway();
      reject(
        new ApiError(
          0,
          'upload-broken',
          'The upload broke off. Nothing of it was imported; send the file again.',
        ),
      );
    });
    request.addEventListener('abort', () =>
      reject(new ApiError(0, 'upload-stopped', 'The upload was stopped. Nothing of it was imported.')),
    );
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
