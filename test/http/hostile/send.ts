import http from 'node:http';
import type { HostileRequest } from './requests.ts';

export interface HostileAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** A stream of events, whose end was not waited for. */
  isStream: boolean;
}

/** The reason why there is no answer. */
export class NoAnswer extends Error {}

/**
 * Sends one request on a connection of its own.
 * @throws NoAnswer where the connection ends without an answer, or none has come in time
 */
export function sendHostile(
  url: string,
  { method, path, headers, body }: HostileRequest,
  patienceMs: number,
): Promise<HostileAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = http.request({
      ...{ hostname, port, method, path, agent: false },
      headers: { ...length, ...headers },
    });
    const timer = setTimeout(() => {
      reject(new NoAnswer(`no answer in ${patienceMs / 1000} s`));
      request.destroy();
    }, patienceMs);
    request.on('response', (response) => {
      const isStream = String(response.headers['content-type']).startsWith('text/event-stream');
      const chunks: Buffer[] = [];
      const done = () => {
        clearTimeout(timer);
        resolve({
          ...{ status: response.statusCode!, headers: response.headers, isStream },
          text: Buffer.concat(chunks).toString('utf8'),
        });
      };
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('end', done);
      response.once('error', (error) => {
        clearTimeout(timer);
        reject(new NoAnswer(`the answer was cut off: ${error.message}`));
      });
      if (isStream) {
        done();
        response.destroy();
      }
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(new NoAnswer(error.message));
    });
    request.end(body);
  });
}
