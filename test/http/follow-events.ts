import http from 'node:http';

export interface StreamedEvent {
  id: string;
  event: string;
  data: { seq: number; data: Record<string, unknown> };
}

export interface EventStream {
  headers: http.IncomingHttpHeaders;
  readonly text: string;
  readonly events: StreamedEvent[];
  /** Settles when the server ends the stream. */
  ended: Promise<void>;
  /** Stops reading; what comes stays in the network. */
  pause(): void;
  close(): void;
}

export function followEvents(
  url: string,
  jobId: string,
  headers: Record<string, string> = {},
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const options = { headers: { accept: 'text/event-stream', ...headers }, agent: false as const };
    const request = http.get(`${url}/jobs/${jobId}/events`, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      const ended = new Promise<void>((done) => response.on('close', done));
      resolve({
        headers: response.headers,
        ended,
        pause: () => response.pause(),
        close: () => request.destroy(),
        get text() {
          return text;
        },
        get events() {
          return parse(text);
        },
      });
      response.on('error', () => {});
    });
    request.on('error', reject);
  });
}

/** Whole events only; the last piece may still be arriving. */
function parse(text: string): StreamedEvent[] {
  const blocks = text.split('\n\n').slice(0, -1);
  return blocks
    .filter((block) => block.includes('data: '))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
    });
}
