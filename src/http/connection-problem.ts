import type { Socket } from 'node:net';

interface Answer {
  status: number;
  title: string;
  detail: string;
}

/** Answers to what Node refuses before there is a request, by Node's error code. */
export const CONNECTION_ANSWERS: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    title: 'Request Header Fields Too Large',
    detail: 'The path and the headers may have 16 KiB together.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request Timeout',
    detail: 'The headers took too long to arrive.',
  },
  BODY_TOO_SLOW: {
    status: 408,
    title: 'Request Timeout',
    detail:
      'The headers or the body took too long to arrive; see HEADERS_SECONDS, MIN_BODY_BYTES_PER_SECOND and MAX_BODY_SECONDS.',
  },
};
const MALFORMED: Answer = { status: 400, title: 'Bad Request', detail: 'This is not valid HTTP.' };

export function connectionProblem({ status, title, detail }: Answer): object {
  return { type: 'about:blank', title, status, code: 'invalid-request', detail };
}

export function sendConnectionProblem(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const answer = CONNECTION_ANSWERS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify(connectionProblem(answer));
  const head = `HTTP/1.1 ${answer.status} ${answer.title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.end(head + body);
}
