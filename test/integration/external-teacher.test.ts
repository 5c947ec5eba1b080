import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startService } from '../helpers/service.ts';
import { temporaryFolder } from '../helpers/store.ts';

const PAGE = readFileSync(new URL('../../docs/external-teachers.md', import.meta.url), 'utf8');
const SNIPPET = /```python\n([\s\S]*?)```/.exec(PAGE)![1]!;

function pythonWithNumpy(): string | undefined {
  const python = process.env.PYTHON ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' });
    return python;
  } catch {
    return undefined;
  }
}

/** What the page's script writes, in the same form: five of ten items for each of ten users. */
function likeTheScript(): string {
  const rows = Array.from({ length: 10 }, (_, u) =>
    Array.from({ length: 5 }, (_, i) => `u${u},i${(u + i) % 10},${(1 / (i + 1)).toFixed(3)}`),
  );
  return `userId,itemId,score\n${rows.flat().join('\n')}\n`;
}

const python = pythonWithNumpy();

it(`distils from the lists of the documented script over HTTP${python ? '' : ' (script skipped: no numpy)'}`, async () => {
  let scores = likeTheScript();
  if (python) {
    const folder = await temporaryFolder();
    execFileSync(python, ['-c', SNIPPET], { cwd: folder });
    scores = readFileSync(path.join(folder, 'scores.csv'), 'utf8');
  }
  const service = await startService();
  onTestFinished(() => service.dispose());
  const interactions = Array.from({ length: 60 }, (_, i) => ({
    userId: `u${i % 10}`,
    itemId: `i${(i + Math.floor(i / 10)) % 10}`,
    type: 'click',
    timestamp: 1_700_000_000 + i,
  }));
  await service.send('POST', '/interactions', { interactions });
  const answer = await fetch(`${service.url}/imports?kind=teacher&format=csv&name=night-model`, {
    method: 'POST',
    body: scores,
  });
  const { id } = (await answer.json()) as { id: string };
  const imported = await service.finished(id, 20_000);
  expect(imported).toMatchObject({
    state: 'succeeded',
    result: {
      rows: 50,
      accepted: 50,
      rejected: 0,
      coverage: { users: 10, shareOfUsers: 1, unknownItems: 0 },
    },
  });
  const teacher = { kind: 'external', name: 'night-model' };
  const distillation = { epochs: 3, batchSize: 8 };
  const { body } = await service.send('POST', '/jobs', { model: 'theirs', teacher, distillation });
  expect(await service.finished(body.id, 40_000)).toMatchObject({ state: 'succeeded' });
  const report = await service.send('GET', '/models/theirs/versions/1/report');
  expect(report.body.teacherCoverage).toMatchObject({ usersWithList: 10, unknownUsers: 0 });
  expect(report.body.rankers[0].description).toBe('external night-model, 50 scores');
}, 70_000);
