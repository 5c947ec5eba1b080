import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

// Every file imports the next one in the wrong direction, and each rule has one that it alone must find.
const badImports: Record<string, string[]> = {
  'src/core/bad.ts': ['../domain/fine.ts'],
  'src/domain/fine.ts': [],
  'src/domain/bad.ts': ['../store/fine.ts'],
  'src/store/fine.ts': ['kysely'],
  'src/store/bad.ts': ['../artifact/fine.ts'],
  'src/artifact/fine.ts': ['../core/fine.ts', '../domain/fine.ts'],
  'src/core/fine.ts': [],
  'src/artifact/bad.ts': ['../student/bad.ts', '@tensorflow/tfjs'],
  'src/student/bad.ts': ['../teacher/fine.ts'],
  'src/teacher/fine.ts': ['../artifact/fine.ts'],
  'src/teacher/bad.ts': ['../distillation/fine.ts'],
  'src/distillation/fine.ts': ['../teacher/fine.ts'],
  'src/distillation/bad.ts': ['../training/fine.ts'],
  'src/training/fine.ts': [],
  'src/training/bad.ts': ['../worker/queue/fine.ts'],
  'src/worker/queue/fine.ts': ['bullmq'],
  'src/worker/trainer/bad.ts': ['../queue/fine.ts'],
  'src/worker/bad.ts': ['../http/fine.ts'],
  'src/http/fine.ts': ['../jobs/fine.ts'],
  'src/http/bad.ts': ['../bin/fine.ts', 'bullmq', 'better-sqlite3'],
  'src/jobs/fine.ts': ['bullmq'],
  'src/bin/fine.ts': ['../training/fine.ts'],
  'src/bin/api.ts': ['../http/api-helper.ts'],
  'src/http/api-helper.ts': ['../training/fine.ts'],
  'src/evaluation/one.ts': ['./two.ts'],
  'src/evaluation/two.ts': ['./one.ts', './missing.ts'],
  'src/elsewhere/bad.ts': ['../core/fine.ts'],
};

let folder: string;
let violations: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'boundaries-'));
  for (const [file, imports] of Object.entries(badImports)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), imports.map((target) => `import '${target}';\n`).join(''));
  }
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  violations = findViolations(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  'layer-core: src/core/bad.ts -> src/domain/fine.ts',
  'layer-domain: src/domain/bad.ts -> src/store/fine.ts',
  'layer-store: src/store/bad.ts -> src/artifact/fine.ts',
  'layer-artifact: src/artifact/bad.ts -> src/student/bad.ts',
  'layer-student: src/student/bad.ts -> src/teacher/fine.ts',
  'layer-teacher: src/teacher/bad.ts -> src/distillation/fine.ts',
  'layer-distillation: src/distillation/bad.ts -> src/training/fine.ts',
  'layer-training: src/training/bad.ts -> src/worker/queue/fine.ts',
  'room-worker-trainer: src/worker/trainer/bad.ts -> src/worker/queue/fine.ts',
  'layer-worker: src/worker/bad.ts -> src/http/fine.ts',
  'layer-http: src/http/bad.ts -> src/bin/fine.ts',
  'known-folder: src/elsewhere/bad.ts -> src/core/fine.ts',
  'no-cycles: src/evaluation/one.ts -> src/evaluation/two.ts',
  'api-without-tensorflow: src/bin/api.ts -> src/training/fine.ts',
  'tensorflow-in-tensor: src/artifact/bad.ts -> @tensorflow/tfjs',
  'queue-in-jobs-and-worker: src/http/bad.ts -> bullmq',
  'sql-in-store: src/http/bad.ts -> better-sqlite3',
  'resolvable: src/evaluation/two.ts -> ./missing.ts',
])('finds %s', (expected) => {
  expect(violations).toContain(expected);
});

test('leaves allowed imports alone', () => {
  const blamed = violations.filter((line) =>
    /: src\/(store|artifact|teacher|distillation|worker\/queue|jobs)\/fine/.test(line),
  );
  expect(blamed).toEqual([]);
});

function findViolations(cwd: string): string[] {
  const script = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [script, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const { stdout } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  const found: { rule: { name: string }; from: string; to: string }[] = JSON.parse(stdout).summary.violations;
  return found.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${packageName(to)}`);
}

/** A package is named by itself, not by the file in it that the import led to. */
function packageName(target: string): string {
  return target.replace(/^.*node_modules\/((?:@[^/]+\/)?[^/]+).*$/, '$1');
}
