import { once } from 'node:events';
import http from 'node:http';

/** A client that sends JSON lines while it reads what comes back. */
export function sendLines(url: string, query = '', headers: Record<string, string> = {}) {
  const request = http.request(`${url}/interactions/stream${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  // Whoever waits for the response hears of it.
  request.on('error', () => {});
  const responded = once(request, 'response') as Promise<[http.IncomingMessage]>;
  responded.catch(() => {});
  const lines = (async function* () {
    const [response] = await responded;
    let rest = '';
    for await (const chunk of response) {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop()!;
      for (const part of parts) yield JSON.parse(part);
    }
  })();
  return {
    request,
    response: async () => (await responded)[0],
    async write(...rows: (object | string)[]) {
      const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
      if (!request.write(`${text}\n`)) await once(request, 'drain');
    },
    /** The next line of the answer. */
    async next() {
      const { value } = await lines.next();
      return value;
    },
    /** Ends the body, and answers with the lines that are left. */
    async end() {
      request.end();
      const rest = [];
      for await (const line of lines) rest.push(line);
      return rest;
    },
  };
}
