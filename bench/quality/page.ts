import type { Measured } from '../../src/domain/reports/measured.ts';
import type { QualitySet } from './data-sets.ts';
import type { RowSpec, Run } from './runs.ts';

const TABLES: { table: RowSpec['table']; title: string }[] = [
  { table: 'default', title: 'Default settings' },
  { table: 'teachers', title: 'Teachers' },
  { table: 'dimensions', title: 'Students by size' },
  { table: 'losses', title: 'Losses' },
  { table: 'rounding', title: 'Item matrices in fewer bits' },
];

/** The page of one data set: a table for each question, one line for each row with the mean over its seeds. */
export function qualityPage(set: QualitySet, runs: readonly Run[], notes: string, tuning: boolean): string {
  const command = `npm run bench:quality -- ${set.name}${tuning ? ' --tune' : ''}`;
  const head = [
    `# Quality on ${set.name}${tuning ? ', for tuning' : ''}`,
    '',
    `${set.about}.${tuning ? ` For tuning: ${set.tuning.about}.` : ''} All items are ranked; ties count against the ranker.`,
    `Written by \`${command}\`; calls with other options add their rows. In brackets the 95 % bootstrap interval of the first seed; n: seeds. *alone*: the same student without a teacher; *gain*: student minus alone.`,
    '',
  ];
  const tables = TABLES.flatMap(({ table, title }) => {
    const own = runs.filter((run) => run.table === table);
    return own.length === 0 ? [] : [`## ${title}`, '', ...linesOf(set, own), ''];
  });
  return [...head, ...tables, ...(notes ? ['## Notes', '', notes.trim(), ''] : [])].join('\n');
}

function linesOf(set: QualitySet, runs: readonly Run[]): string[] {
  const main = set.headline.slice(0, 2);
  const rounded = main.find((metric) => metric.startsWith('ndcg'))!;
  const header = [
    'row',
    'n',
    ...main.flatMap((m) => [
      `teacher ${m}`,
      `student ${m}`,
      `in float32 ${m}`,
      `alone ${m}`,
      `popularity ${m}`,
    ]),
    ...main.map((m) => `kept of the teacher's ${m}`),
    ...main.map((m) => `gain ${m}`),
    `kept of ${rounded} by rounding`,
    'bytes student',
    'smaller by',
    'job s',
    'peak MiB',
  ];
  const groups = [...new Set(runs.map((run) => run.row))].map((row) => runs.filter((run) => run.row === row));
  const body = groups.map((group) => {
    const first = group.toSorted((a, b) => a.seed - b.seed)[0]!;
    const mean = (of: (run: Run) => number) => group.reduce((sum, run) => sum + of(run), 0) / group.length;
    const metric = (ranker: string, name: string) =>
      `.${mean((run) => run.rankers[ranker]?.metrics[name]?.value ?? 0)
        .toFixed(4)
        .slice(2)}`;
    return [
      `${first.row}: ${first.rankers.teacher!.description} -> ${first.rankers.student!.description}`,
      String(group.length),
      ...main.flatMap((m) =>
        ['teacher', 'student', 'student-float32', 'student-alone', 'popularity'].map((r) => metric(r, m)),
      ),
      ...main.map((m) =>
        shown(
          mean((run) => run.retained[m]?.value ?? 0),
          first.retained[m],
          percent,
        ),
      ),
      ...main.map((m) =>
        shown(
          mean((run) => run.gainOverAlone[m]?.value ?? 0),
          first.gainOverAlone[m],
          signed,
        ),
      ),
      shown(
        mean((run) => run.keptByRounding[rounded]?.value ?? 0),
        first.keptByRounding[rounded],
        percent,
      ),
      `${Math.round(first.rankers.student!.bytes / 1000).toLocaleString('en')} kB`,
      first.compressionRatio.toFixed(1),
      mean((run) => run.seconds).toFixed(0),
      mean((run) => run.peakMiB).toFixed(0),
    ];
  });
  return [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...body].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
}

const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
const signed = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4).slice(1)}`;

function shown(mean: number, interval: Measured | undefined, text: (x: number) => string): string {
  return interval ? `${text(mean)} (${text(interval.low)} to ${text(interval.high)})` : text(mean);
}
