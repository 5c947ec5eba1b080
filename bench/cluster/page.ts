import os from 'node:os';

export interface Figures {
  workers: number;
  /** Seconds from the post of the job to its end. */
  wall: number;
  /** Processor seconds of each worker, with those of its trainers. */
  processor: number[];
  /** Seconds of each stage of the job. */
  stages: Record<string, number>;
  /** Candidates with their seconds in the job's own trainer. */
  tried: { description: string; seconds: number }[];
  /** Parts that another worker has trained. */
  elsewhere: number;
  student: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a report and log lines, of which little is read.
type Loose = any;

/** Figures on parts, from a report and the log of its job. */
export function partsOf(
  report: Loose,
  logs: Loose,
): Pick<Figures, 'stages' | 'tried' | 'elsewhere' | 'student'> {
  const model = (name: string) => report.models.find((one: Loose) => one.name === name);
  return {
    stages: report.seconds ?? {},
    tried: (model('teacher')?.tried ?? []).map(({ description, seconds }: Loose) => ({
      description,
      seconds,
    })),
    elsewhere: logs.data.filter(({ message }: Loose) => /^Part \w+ is done/.test(message)).length,
    student: model('student')?.metrics?.['ndcg@10']?.value ?? model('student')?.metrics?.['ndcg@10'] ?? 0,
  };
}

const seconds = (value: number) => value.toFixed(1);

export function clusterPage(figures: readonly Figures[], args: readonly string[]): string {
  const [one, two] = figures as [Figures, Figures];
  const rows = figures.map(
    ({ workers, wall, processor, elsewhere, student }) =>
      `| ${workers} | ${seconds(wall)} | ${processor.map(seconds).join(' + ')} | ${elsewhere} | ${student.toFixed(6)} |`,
  );
  const stages = Object.keys(one.stages).map(
    (name) => `| ${name} | ${seconds(one.stages[name]!)} | ${seconds(two.stages[name] ?? 0)} |`,
  );
  return `# One job on two workers

\`node bench/run.mjs cluster ${args.join(' ')}\`: an api and workers in folders of their own, each worker held to one core (\`taskset\`), with PostgreSQL, Redis and S3 on loopback; ${os.cpus().length} cores, load ${os.loadavg()[0]!.toFixed(1)} at the end. The job has the candidates of \`auto\` as its parts.

| workers | seconds from post to end | processor seconds of each worker | parts trained elsewhere | student's NDCG@10 |
|---|---|---|---|---|
${rows.join('\n')}

Wall time: ${(one.wall / two.wall).toFixed(2)} times faster. By processor time of the busier worker, which a busy machine does not change: ${(one.processor[0]! / Math.max(...two.processor)).toFixed(2)} times.

| stage | seconds, 1 worker | 2 workers |
|---|---|---|
${stages.join('\n')}

Candidates of one worker: ${one.tried.map(({ description, seconds: own }) => `${description} ${seconds(own)} s`).join(', ')}.
`;
}
