import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Fate of one request, in place of being passed on as it is. */
export type Fault =
  | { status: number; code: string }
  | { cutAfter: number }
  | { flipAt: number }
  | { delayMs: number }
  | { until: Promise<void> }
  | 'reset';

export interface FaultyProxy {
  address: string;
  /** Asked about each request, the first one of which is number 1. */
  misbehave(
    fault: ((request: { method: string; path: string; number: number }) => Fault | undefined) | null,
  ): void;
  /** Requests since the last change, such as `GET /bucket/key`. */
  requests(): readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy before a server, whose faults a test chooses. Signatures stay good: it passes on the name of the host. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let choose: Parameters<FaultyProxy['misbehave']>[0] = null;
  let seen: string[] = [];
  const server = http.createServer(async (request, answer) => {
    const { method = '', url = '' } = request;
    seen.push(`${method} ${url}`);
    const fault = choose?.({ method, path: url, number: seen.length });
    if (fault === 'reset') return request.socket.destroy();
    if (fault && 'delayMs' in fault) await sleep(fault.delayMs);
    if (fault && 'until' in fault) await fault.until;
    if (fault && 'status' in fault) {
      request.resume();
      answer.writeHead(fault.status, { 'content-type': 'application/xml' });
      return answer.end(`<Error><Code>${fault.code}</Code><Message>no</Message></Error>`);
    }
    const onward = http.request(target + url, { method, headers: request.headers }, (from) => {
      answer.writeHead(from.statusCode ?? 500, from.headers);
      let sent = 0;
      from.on('data', (chunk: Buffer) => {
        let part = chunk;
        if (fault && 'flipAt' in fault && fault.flipAt >= sent && fault.flipAt < sent + part.length) {
          part = Buffer.from(part);
          part[fault.flipAt - sent]! ^= 1;
        }
        const left = fault && 'cutAfter' in fault ? fault.cutAfter - sent : Number.POSITIVE_INFINITY;
        sent += part.length;
        if (part.length < left) return answer.write(part);
        from.destroy();
        return answer.write(part.subarray(0, left), () => request.socket.destroy());
      });
      from.on('end', () => answer.end());
      from.on('error', () => request.socket.destroy());
    });
    onward.on('error', () => request.socket.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    misbehave(fault) {
      choose = fault;
      seen = [];
    },
    requests: () => seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
