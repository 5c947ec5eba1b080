// @ts-check
// The service over HTTP, as a product backend would call it. Every call is kept as the curl line that does the same.

/**
 * @typedef {ReturnType<typeof createClient>} Client
 */

/** @param {string} base */
export function createClient(base) {
  /** @type {string[]} */
  const curls = [];

  /**
   * @param {string} method @param {string} path
   * @param {{ json?: unknown, body?: string, type?: string, note?: string, headers?: Record<string, string> }} [options]
   */
  async function call(method, path, { json, body, type, note, headers } = {}) {
    const content = json === undefined ? body : JSON.stringify(json);
    const contentType = json === undefined ? type : 'application/json';
    if (note !== undefined) curls.push(curlLine(method, base + path, contentType, note));
    const response = await fetch(base + path, {
      method,
      body: content,
      headers: { ...(contentType ? { 'content-type': contentType } : {}), ...headers },
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }

  return {
    base,
    curls,
    call,
    /** @param {string} path @param {string} [note] @returns {Promise<any>} */
    get: async (path, note) => (await call('GET', path, { note })).json(),
    /** @param {string} path @param {unknown} json @param {string} [note] @returns {Promise<any>} */
    post: async (path, json, note) => (await call('POST', path, { json, note })).json(),
  };
}

/** @param {string} method @param {string} url @param {string | undefined} type @param {string} body shown for the body */
function curlLine(method, url, type, body) {
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', method]), `'${url}'`];
  if (type) parts.push('-H', `'content-type: ${type}'`);
  if (body) parts.push(body);
  return parts.join(' ');
}

/**
 * The job's events from its SSE stream until the job is over; the connection is made again where it left off.
 * @param {Client} client @param {string} jobId @param {(event: { type: string, data: any }) => void} onEvent
 */
export async function followJob(client, jobId, onEvent) {
  let last = '0';
  for (;;) {
    const response = await client.call('GET', `/jobs/${jobId}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': last },
    });
    for await (const message of messagesOf(response)) {
      if (message.id) last = message.id;
      if (message.data) onEvent({ type: message.event, data: JSON.parse(message.data) });
    }
    const job = await client.get(`/jobs/${jobId}`);
    if (['succeeded', 'failed', 'cancelled'].includes(job.state)) return job;
  }
}

/** The messages of a text/event-stream; comments and fields that nobody asks for are passed over. @param {Response} response */
async function* messagesOf(response) {
  let buffer = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk, { stream: true });
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(split));
      yield { id: fields.get('id'), event: fields.get('event') ?? 'message', data: fields.get('data') };
    }
  }
}

/** @param {string} line @returns {[string, string]} */
function split(line) {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
