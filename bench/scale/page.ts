import os from 'node:os';
import type { ScaleResult } from './result.ts';
import { scaleTable } from './table.ts';

/** The results file: what was run, on what, and the table. */
export function resultPage(results: readonly ScaleResult[], args: readonly string[]): string {
  const { backend, tensorflow, threads, case: work } = results[0]!;
  const command = ['npm run bench:scale', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const load = os.loadavg().map((x) => x.toFixed(1));
  const quality = results
    .filter((r) => r.ndcg)
    .map(
      (r) =>
        `${r.case.users} users: ${Object.entries(r.ndcg!)
          .map(([n, v]) => `${n} ${v.toFixed(4)}`)
          .join(', ')}`,
    );
  return `# The article's own scale

\`${command}\`, ${new Date().toISOString().slice(0, 10)}

- Machine: ${os.cpus()[0]!.model.trim()}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB; load average at the end ${load.join(', ')} (other work shared the machine wherever it is above ${threads}, so that absolute times are noisy).
- Node ${process.version}, TensorFlow ${tensorflow ?? '-'}, backend ${backend}, ${threads} threads.
- Data: seeded synthetic ratings 1-5 (Zipf popularity, log-normal activity, tastes and fashions that drift), seed ${work.seed}; ${work.allRatings ? 'every rating counts' : 'by default only ratings of 4 and 5 count'}.
- Settings: a job's defaults for the size, ${work.epochs} epochs each of teacher and student. An epoch's time is the median, without validation. Each size runs in a process of its own; RSS is that of the whole process, the generator included.

${scaleTable(results)}
${quality.length > 0 ? `\nNDCG@10 on the test after so few epochs (no figure of merit, only a sign that something was learnt; the student stands in for the control): ${quality.join('; ')}.\n` : ''}`;
}
