import os from 'node:os';
import type { ImportMeasured } from './import.ts';
import type { MatrixMeasured } from './matrix-child.ts';
import type { PostResult } from './posts.ts';

export interface IngestRun {
  engine: string;
  version: string;
  size: number;
  date: string;
  /** Load average of the last minute at its end: how idle the machine was. */
  load: number;
  imported: ImportMeasured;
  /** Peaks at the end of the import. */
  apiRssMb: number;
  workerRssMb: number;
  bytesPerRow: number;
  matrix: MatrixMeasured;
  posts?: { single: PostResult; batch: PostResult; apiRssMb: number };
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');

export function ingestTable(runs: readonly IngestRun[]): string {
  return runs.map(runTable).join('\n\n');
}

function runTable(run: IngestRun): string {
  const { imported, matrix, posts, engine } = run;
  const target = (text: string) => (engine === 'sqlite' ? text : '');
  const rows = [
    [
      'import, rows/s from the start of the upload to the end of the job',
      whole(imported.rowsPerSecond),
      target('>= 80,000'),
    ],
    ['the upload alone, s', imported.uploadSeconds.toFixed(1), ''],
    ['api, peak RSS in MB', whole(run.apiRssMb), '<= 250'],
    ['worker, peak RSS in MB', whole(run.workerRssMb), ''],
    ['bytes on disk per interaction', whole(run.bytesPerRow), ''],
    [
      `training matrix of ${whole(matrix.pairs)} pairs, s`,
      matrix.seconds.toFixed(1),
      target('about 60 from 10 M'),
    ],
    ['the same, peak RSS in MB', whole(matrix.peakRssMb), '<= 1,500'],
    ...(posts
      ? [
          ['posts of one event per second, 16 at a time', whole(posts.single.perSecond), ''],
          [
            'the same, p50 and p99 in ms',
            `${posts.single.p50Ms.toFixed(1)}, ${posts.single.p99Ms.toFixed(1)}`,
            '',
          ],
          ['rows/s in posts of 1,000, 4 at a time', whole(posts.batch.perSecond), target('>= 20,000')],
          [
            'the same, p50 and p99 in ms',
            `${posts.batch.p50Ms.toFixed(0)}, ${posts.batch.p99Ms.toFixed(0)}`,
            '',
          ],
          ['api, peak RSS in MB after all of it', whole(posts.apiRssMb), '<= 250'],
        ]
      : []),
  ];
  const head = `### ${run.version}, ${whole(run.size)} rows (${run.date}, load average ${run.load.toFixed(1)})`;
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  return [head, '', '| what | measured | target |', '|---|---|---|', ...lines].join('\n');
}

export function ingestPage(runs: readonly IngestRun[]): string {
  return `# What the data plane takes

\`npm run bench:ingest -- --engines sqlite,postgres --sizes 1000000,10000000\`, or a part of it, on ${os.cpus()[0]?.model.trim()}, ${os.availableParallelism()} cores, Node ${process.version}. Asking process, api, worker and database share the cores; a load average above the number of cores says that others did too, and then the rates say little. PostgreSQL runs with its default settings and fsync. Ids, ratings and times are random; a user has a hundred interactions on average. Posts go to the database that the import has filled.

${ingestTable(runs)}
`;
}
