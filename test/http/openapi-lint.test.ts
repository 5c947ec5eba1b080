import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const committed = path.join(root, 'openapi/openapi.json');

interface Finding {
  ruleId: string;
  message: string;
  location: { pointer?: string }[];
}

/** Findings of redocly in a document under openapi/redocly.yaml, one line each. */
async function lint(file: string): Promise<string[]> {
  const cli = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
  const args = [cli, 'lint', file, '--config', path.join(root, 'openapi/redocly.yaml'), '--format', 'json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  // Findings end it with status 1 and stand on stdout all the same.
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
  const { problems } = JSON.parse(stdout) as { problems: Finding[] };
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
}

describe("redocly's recommended rules", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-lint-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('find nothing in openapi.json', async () => {
    expect(await lint(committed)).toEqual([]);
  });

  it('would find an example that does not fit its schema', async () => {
    const file = path.join(folder, 'openapi.json');
    const document = JSON.parse(await readFile(committed, 'utf8'));
    document.paths['/jobs'].post.requestBody.content['application/json'].examples['all defaults'].value = {};
    await writeFile(file, JSON.stringify(document));
    expect((await lint(file)).join('\n')).toMatch(/no-invalid-media-type-examples.*model/);
  });
});
