import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type TestService } from '../helpers/service.ts';
import { type CurlPage, curlPages, firstPage } from './curl-blocks.ts';

const PAGES = curlPages();
const PAGE_MS = 180_000;

/** Blocks that need what a test does not have. Each says so in its page. */
const NOT_RUN = {
  'docs/api-guide.md': ['the files, IMPORT_URLS and IMPORT_DIR are yours.'],
  'docs/data.md': [
    'the files are not part of the repository; `npm run bench:data-sets` runs these lines.',
    'the files are yours.',
    'the files are not part of the repository; test/ingest/presets.test.ts reads a sample of each.',
  ],
};

/**
 * A `curl` that goes to the test's service and notes what was answered; everything else runs as pasted. Where a reader would take
 * a moment, between two blocks and behind the events of a job, `settled` waits until each published version is loaded.
 */
const PREAMBLE = `
curl() {
  local headers code
  headers=$(mktemp)
  command curl --silent --show-error --max-time 120 --dump-header "$headers" "\${@//localhost:3000/127.0.0.1:$PORT}"
  code=$?
  printf '%s\\t%s\\t%s\\n' "$BLOCK" "$(awk '/^HTTP/ { status = $2 } END { print status }' "$headers")" "\${*//$'\\n'/ }" >> "$CURL_LOG"
  rm "$headers"
  case "$*" in */events*) settled ;; esac
  return $code
}
settled() {
  for _ in $(seq 100); do
    command curl --silent "127.0.0.1:$PORT/models?limit=1000" | node -e '
      const { data } = JSON.parse(fs.readFileSync(0));
      const isOnItsWay = ({ aliases, serving }) => aliases.includes("stable") && serving.state === "idle";
      process.exit(data.flatMap(({ versions }) => versions).some(isOnItsWay) ? 1 : 0);
    ' && return
    sleep 0.1
  done
}
`;

let service: TestService;
let folder: string;

beforeAll(async () => {
  service = await startService();
  folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-docs-'));
});

afterAll(async () => {
  await service?.stop();
  await service?.dispose();
  if (folder) rmSync(folder, { recursive: true });
});

describe('curl lines of the docs, as pasted, page by page', () => {
  it('start with an empty service or say which page comes first', () => {
    const roots = PAGES.filter(({ page }) => firstPage(page) === null).map(({ page }) => page);
    expect(roots).toEqual(['docs/data.md', 'docs/tutorials/own-data.md']);
  });

  it('that cannot run here are these, for the reason in their page', () => {
    const found = PAGES.map(
      ({ page, blocks }) => [page, blocks.flatMap(({ notRun }) => notRun ?? [])] as const,
    );
    expect(Object.fromEntries(found.filter(([, reasons]) => reasons.length > 0))).toEqual(NOT_RUN);
  });

  it.each(PAGES.filter(({ blocks }) => blocks.some(({ notRun }) => notRun === undefined)))(
    'of $page are answered as it says',
    async (page) => {
      const { answers, stderr } = await runPage(page);
      const wanted = page.blocks.flatMap(({ expected, notRun }, block) =>
        notRun === undefined ? expected.map((status) => ({ block, status })) : [],
      );
      const found = answers.map(({ block, status }, i) => ({
        block,
        status: asWanted(status, wanted[i]?.status),
      }));
      expect(found, describeRun(answers, stderr)).toEqual(wanted);
      await endJobs();
      const { body } = await service.send('GET', '/jobs?limit=100&state=failed');
      expect(body.data, describeRun(answers, stderr)).toEqual([]);
    },
    PAGE_MS,
  );

  it('leave a student that knows the tastes of the made-up films: every third is of one genre', async () => {
    const session = { model: 'movies', k: 5, interactions: [{ itemId: '3' }, { itemId: '9' }] };
    const { body } = await service.send('POST', '/recommend', session);
    expect(body).toMatchObject({ source: 'student', model: { version: 1 } });
    expect(body.items.map(({ itemId }: { itemId: string }) => Number(itemId) % 3)).toEqual([0, 0, 0, 0, 0]);
  });
});

interface Answered {
  block: number;
  status: string;
  line: string;
}

async function runPage({ page, blocks }: CurlPage): Promise<{ answers: Answered[]; stderr: string }> {
  const name = page.replaceAll(/\W/g, '-');
  const [script, log] = [path.join(folder, `${name}.sh`), path.join(folder, `${name}.log`)];
  const parts = blocks.map(({ text, notRun }, i) =>
    notRun === undefined ? `settled\nBLOCK=${i}\n${text}` : '',
  );
  writeFileSync(script, PREAMBLE + parts.join('\n'));
  writeFileSync(log, '');
  const env = { ...process.env, PORT: String(service.port), CURL_LOG: log };
  const { stderr } = await promisify(execFile)('bash', [script], {
    cwd: folder,
    env,
    timeout: PAGE_MS,
    maxBuffer: 1e8,
  });
  const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  const answers = lines.map((line) => {
    const [block, status = '', ...rest] = line.split('\t');
    return { block: Number(block), status, line: rest.join(' ') };
  });
  return { answers, stderr };
}

const asWanted = (status: string, wanted: string | undefined) =>
  wanted === '2xx' && /^2\d\d$/.test(status) ? '2xx' : status;

const describeRun = (answers: Answered[], stderr: string) =>
  [...answers.map(({ block, status, line }) => `block ${block}: ${status} ${line}`), stderr].join('\n');

/** Ends jobs that a page started and left: they would make the next page wait. */
async function endJobs(): Promise<void> {
  for (const state of ['queued', 'running']) {
    const { body } = await service.send('GET', `/jobs?limit=100&state=${state}`);
    for (const { id } of body.data) {
      await service.send('POST', `/jobs/${id}/cancel`);
      await service.finished(id);
    }
  }
}
