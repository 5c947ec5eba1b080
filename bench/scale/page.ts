import os from 'node:os';
import type { ScaleResult } from './result.ts';
import { count, stageTable } from './table.ts';

/** The results file: what was run, on what, and a table for each job. */
export function resultPage(results: readonly ScaleResult[], args: readonly string[]): string {
  const { backend, tensorflow, threads } = results[0]!;
  const command = ['npm run bench:scale', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const load = os.loadavg().map((x) => x.toFixed(1));
  return `# Whole default jobs by size

\`${command}\`, ${new Date().toISOString().slice(0, 10)}

- Machine: ${os.cpus()[0]!.model.trim()}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; load average at the end ${load.join(', ')} (other work shared the machine wherever it is above ${threads}: the processor time then says more than the wall time).
- Node ${process.version}, TensorFlow ${tensorflow ?? '-'}, backend ${backend}, ${threads} threads.
- Data: seeded synthetic interactions (Zipf popularity, log-normal activity, tastes and fashions that drift). Of ratings 1-5 those of 4 and 5 count. A case with several tasks has a type of interaction for each.
- Job: \`{"model": "scale"}\` with nothing but defaults: \`auto\`, controls, evaluation and refit. Each runs in a process of its own; RSS is that of the whole process, the generator of the data included.

${results.map(section).join('\n')}`;
}

export function section(result: ScaleResult): string {
  const { case: work, etas, etaErrors, etaClock, warnings, quality } = result;
  const told = etas.map(
    ({ at, told: said, left }) => `${Math.round(100 * at)} %: ${said} told, ${left.toFixed(0)} left`,
  );
  const figures = Object.entries(quality).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return `## ${work.name}: ${count(work.users)} users, ${count(work.items)} items, ${count(work.interactions)} interactions${work.tasks ? ` of ${Object.keys(work.tasks).join(', ')}` : ''}

${stageTable(result)}

Seconds left${etaClock === 'processors' ? ' of the processors' : ''}: ${told.join('; ')}. After a fifth of the time ${(100 * etaErrors.withinHalf).toFixed(0)} % of ${etaErrors.told} tellings were right within half; the worst was wrong by ${(100 * etaErrors.worst.error).toFixed(0)} %, at ${(100 * etaErrors.worst.at).toFixed(0)} % of the time.

NDCG@10 on the test: ${figures.join(', ')}.

Warnings: ${warnings.length === 0 ? 'none' : warnings.map((warning) => `\n- ${warning}`).join('')}
`;
}
