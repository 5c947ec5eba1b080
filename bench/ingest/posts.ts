import http from 'node:http';
import { events } from './rows.ts';

export interface PostResult {
  requests: number;
  rows: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Posts of so many rows each, from as many connections at once, each waiting for its answer before the next. */
export async function measurePosts(
  url: string,
  options: { rowsPerPost: number; connections: number; seconds: number; seed: number },
): Promise<PostResult> {
  const { rowsPerPost, connections, seconds, seed } = options;
  const source = events(Number.MAX_SAFE_INTEGER / 1e6, seed);
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const target = new URL('/interactions', url);
  const took: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  const poster = async () => {
    while (performance.now() < deadline) {
      const body = bodyOf(source, rowsPerPost);
      const started = performance.now();
      const answer = await post(target, agent, body);
      took.push(performance.now() - started);
      if (answer.accepted !== rowsPerPost)
        throw new Error(`POST /interactions answered ${JSON.stringify(answer).slice(0, 300)}`);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, poster));
  const elapsed = (performance.now() - began) / 1000;
  agent.destroy();
  took.sort((a, b) => a - b);
  const rows = took.length * rowsPerPost;
  return {
    requests: took.length,
    rows,
    perSecond: rows / elapsed,
    p50Ms: took[Math.floor(took.length / 2)]!,
    p99Ms: took[Math.floor(took.length * 0.99)]!,
  };
}

function bodyOf(
  source: Generator<ReturnType<typeof events> extends Generator<infer E> ? E : never>,
  rows: number,
) {
  const interactions = [];
  for (let i = 0; i < rows; i++) interactions.push({ ...source.next().value, type: 'rating' });
  return JSON.stringify({ interactions });
}

function post(target: URL, agent: http.Agent, body: string): Promise<{ accepted?: number }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(target, { method: 'POST', agent, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text));
    });
    request.once('error', reject);
    request.end(body);
  });
}
