import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFsStore } from '../src/artifact/store/fs-store.ts';
import type { RegisteredVersion } from '../src/domain/answers/model.ts';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import { completeScheduled } from '../src/domain/jobs/schedule.ts';
import type { Report } from '../src/domain/reports/report.ts';
import { sourceOf } from '../test/helpers/data.ts';
import { judge } from './continual/judge.ts';
import { continualPage, type Row } from './continual/page.ts';
import { cutsOf, STREAMS } from './continual/stream.ts';
import { runJob, temporary } from './lib/run-job.ts';

/**
 * A model that is made anew every night beside one that goes on from the last version, over five slices of a stream. Both are jobs of a
 * schedule, default settings, refit included; each version is judged on the slice that comes after what it learned from.
 *
 *   npm run bench:continual -- ml-100k [--seeds 1,2] [--slices 5] [--jobs '{"name":{"teacher":{}}}'] [--dry]
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1' },
    slices: { type: 'string', default: '5' },
    /** Ways to go on, by name. */
    jobs: { type: 'string', default: '{"renewed":{"teacher":{"model":"stream","part":"renewed"}}}' },
    /** Options of every job. */
    all: { type: 'string', default: '{}' },
    anew: { type: 'boolean', default: true },
    /** Writes no page. */
    dry: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const stream = STREAMS[positionals[0] ?? '']?.();
if (!stream) {
  console.error(`usage: npm run bench:continual -- ${Object.keys(STREAMS).join(' | ')}`);
  process.exit(2);
}
/** All that the page is made of, on this machine alone. */
const KEPT = path.resolve('.runtime/continual-rows.json');
const kept: Row[] = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : [];
const made: Row[] = [];
const { rows } = stream;
const cuts = cutsOf(stream);
const artifacts = createFsStore(`file:${temporary('continual')}`);
const ways: Record<string, Partial<DistillationSpec>> = JSON.parse(options.jobs);

for (const seed of options.seeds.split(',').map(Number)) {
  const chains = new Map<string, RegisteredVersion[]>();
  for (let slice = 0; slice <= Number(options.slices); slice++) {
    const [before, next] = [rows.slice(0, cuts[slice]), rows.slice(cuts[slice], cuts[slice + 1])];
    const known = slice === 0 ? [] : rows.slice(0, cuts[slice - 1]);
    const make = async (name: string, spec: Partial<DistillationSpec>, versions: RegisteredVersion[]) => {
      const started = performance.now();
      const cpu = process.cpuUsage();
      const { version, report: read } = await runJob({
        jobId: `${seed}-${slice}-${name.replace(/\W/g, '')}`,
        spec: completeScheduled({
          ...JSON.parse(options.all),
          ...spec,
          model: 'stream',
          distillation: { seed, ...spec.distillation },
        }),
        interactions: sourceOf(before, 10_000),
        store: { models: { names: async () => ['stream'], versions: async () => versions } },
        artifacts,
      });
      const { user, system } = process.cpuUsage(cpu);
      const seconds = { wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
      const figures = await judge(artifacts, version.artifact, stream!, { before, known, next });
      made.push({ stream: stream!.name, way: name, seed, slice, ...seconds, figures });
      say(made.at(-1)!, read as Report);
      const number = versions.length + 1;
      return [
        ...versions.map((one) => ({ ...one, aliases: [] })),
        { ...version, version: number, createdAt: '', aliases: ['stable'] },
      ];
    };
    if (slice === 0 || options.anew) {
      const made = await make('anew', {}, []);
      if (slice === 0) for (const name of Object.keys(ways)) chains.set(name, made);
    }
    if (slice > 0)
      for (const [name, spec] of Object.entries(ways))
        chains.set(name, await make(name, spec, chains.get(name)!));
  }
}

if (!options.dry) {
  const isMade = (row: Row) => made.some((one) => one.stream === row.stream && one.seed === row.seed);
  const all = [...kept.filter((row) => !isMade(row)), ...made];
  writeFileSync(KEPT, JSON.stringify(all));
  writeFileSync(
    path.resolve('bench/results/continual.md'),
    continualPage(all, (name) => STREAMS[name]!().about),
  );
}

function say({ way, seed, slice, wall, cpu, figures }: Row, report: Report): void {
  const numbers = Object.entries(figures).map(
    ([key, value]) => `${key} ${value < 1 ? value.toFixed(4) : value}`,
  );
  const stages = Object.entries(report.seconds).map(([key, value]) => `${key} ${value.toFixed(1)}`);
  const { chosenTeacher, studentsTried = [] } = report.settings as {
    chosenTeacher: { kind: string };
    studentsTried?: { student: string; score: number }[];
  };
  const tried = studentsTried.map(({ student, score }) => `${student} ${score.toFixed(3)}`);
  console.log(
    `${seed} ${slice} ${way} ${wall.toFixed(1)} s, CPU ${cpu!.toFixed(1)} s: ${numbers.join(', ')}; ${stages.join(', ')}; ${chosenTeacher.kind}; ${tried.join(', ')}`,
  );
  for (const warning of report.warnings) console.log(`   ${warning}`);
}
