import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPython } from '../../helpers/provide-python.ts';
import { type LiveService, startLiveService } from '../live-service.ts';

const run = promisify(execFile);
const document = path.resolve(import.meta.dirname, '../../../openapi/openapi.json');

const { python, why } = await findPython(
  'openapi-python-client',
  path.join(import.meta.dirname, 'requirements.txt'),
  'The client that openapi-python-client makes',
);

describe.skipIf(python === undefined)(`a client made by openapi-python-client${why}`, () => {
  let folder: string;
  let service: LiveService;
  let said: string;
  const client = () => path.join(folder, 'stillhouse_client');
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-python-'));
    const args = ['generate', '--path', document, '--output-path', client(), '--meta', 'none'];
    const made = await run(python!, ['-m', 'openapi_python_client', ...args]);
    said = made.stdout + made.stderr;
    service = await startLiveService();
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has every operation and one class for each shape', async () => {
    // What it cannot send or take are bodies that are no JSON: lines, files and the backup.
    const unable = said.match(/Unsupported content[ _]type [\w/-]+/g) ?? [];
    expect(new Set(unable)).toEqual(
      new Set([
        'Unsupported content type application/x-ndjson',
        'Unsupported content type text/csv',
        'Unsupported content_type application/x-tar',
      ]),
    );
    expect(said.match(/^WARNING/gm)).toHaveLength(unable.length);
    const files = await readdir(path.join(client(), 'models'));
    expect(files.filter((name) => name.includes('distillation_spec.'))).toHaveLength(1);
    const texts = await Promise.all(
      files
        .filter((name) => name.endsWith('.py'))
        .map((name) => readFile(path.join(client(), 'models', name), 'utf8')),
    );
    const classes = texts.join('\n').match(/^class \w+/gm) ?? [];
    // It was 593 with a copy of the spec in each place.
    expect(classes.length).toBeLessThan(475);
    expect(classes.filter((name) => /Type\d+Type\d+|JobSpec|ScheduleJob/.test(name))).toEqual([]);
  });

  it('stores interactions, starts a job and gets recommendations', async () => {
    const call = path.join(import.meta.dirname, 'call.py');
    const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout } = await run(python!, [call, service.url], { env });
    expect(JSON.parse(stdout)).toEqual({
      accepted: 50,
      job: { state: 'queued', dimensions: 16, priority: 3 },
      items: 3,
      odd: true,
      code: 'not-found',
    });
  });
});
