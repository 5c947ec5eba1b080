import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import type { TrainingContext } from '../../src/teacher/contract.ts';
import { type TrainedSettings, trainTeacher } from '../../src/teacher/registry.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { planTeacher } from '../../src/training/teachers/plan-teacher.ts';
import { TEACHER_SETTINGS } from './teacher-rows.ts';

/**
 * Trains whole teachers in a process of its own. Reads one request per line, {"row", "runs"}, and answers with one line, {"ms": [...],
 * "cpu", "loss"}; the loss is the mean score of the first hundred users' own items, which tells whether both sides compute the same.
 */
const [threads, folder] = process.argv.slice(2) as [string, string];
const engine = await createEngine({ backend: 'native', threads: Number(threads) });
console.log(JSON.stringify({ report: engine.report }));

for await (const line of createInterface({ input: process.stdin })) {
  const { row, runs } = JSON.parse(line) as { row: string; runs: number };
  const [kind, set] = row.split(' ') as [string, string];
  const train = readPairs(join(folder, `${set}.bin`));
  const settings = settingsOf(kind, train);
  const ms: number[] = [];
  let loss = 0;
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const teacher = await trainTeacher(settings, contextOf(train));
    ms.push(performance.now() - start);
    loss = meanOwnScore(teacher.scores(firstRows(train)).dataSync() as Float32Array, train);
    teacher.dispose();
  }
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ ms, cpu: (user + system) / 1000 / runs, loss }));
}

function settingsOf(kind: string, { rows, columns, indices }: Csr): TrainedSettings {
  const { ials, ease, graph } = TEACHER_SETTINGS;
  const teacher =
    kind === 'ials-128'
      ? { kind: 'matrix-factorization', objective: 'ials', ...ials }
      : kind === 'ease'
        ? { kind: 'ease', ...ease }
        : { kind: 'graph-filter', ...graph };
  const size = { users: rows, items: columns, pairs: indices.length };
  return planTeacher(
    { model: 'bench', teacher } as Parameters<typeof planTeacher>[0],
    size,
  ) as TrainedSettings;
}

function contextOf(train: Csr): TrainingContext {
  const signal = new AbortController().signal;
  return { engine, rng: createRng(1), train, onProgress: () => {}, signal };
}

function readPairs(file: string): Csr {
  const bytes = readFileSync(file);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const [rows, columns, count] = words as unknown as [number, number, number];
  const indptr = new Int32Array(rows + 1);
  for (const user of words.subarray(3, 3 + count)) indptr[user + 1]!++;
  for (let row = 0; row < rows; row++) indptr[row + 1]! += indptr[row]!;
  return { rows, columns, indptr, indices: words.slice(3 + count), values: new Float32Array(count).fill(1) };
}

function firstRows({ columns, indptr, indices, values }: Csr): Csr {
  const last = indptr[100]!;
  return {
    ...{ rows: 100, columns, indptr: indptr.slice(0, 101) },
    ...{ indices: indices.slice(0, last), values: values.slice(0, last) },
  };
}

function meanOwnScore(scores: Float32Array, { columns, indptr, indices }: Csr): number {
  let sum = 0;
  for (let row = 0; row < 100; row++)
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) sum += scores[row * columns + indices[p]!]!;
  return sum / indptr[100]!;
}
