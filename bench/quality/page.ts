import type { Measured } from '../../src/domain/reports/measured.ts';
import type { QualitySet } from './data-sets.ts';
import type { HistoryRun, RowSpec, Run } from './runs.ts';

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
    `Written by \`${command}\`; calls with other options add their rows. In brackets the 95 % bootstrap interval of the first seed; n: seeds. *student-alone*: the same student without a teacher; *best-alone*: the best small model without a teacher at its bytes; *gain*: student minus the better of both. Losses are calibrated.`,
    '',
  ];
  const tables = TABLES.flatMap(({ table, title }) => {
    const own = runs.filter((run) => run.table === table);
    if (own.length === 0) return [];
    const kinds =
      table === 'default'
        ? ['### By what the student knows of the users', '', ...historyLines(set, own), '']
        : [];
    return [`## ${title}`, '', ...linesOf(set, own), '', ...kinds];
  });
  return [...head, ...tables, ...(notes ? ['## Notes', '', notes.trim(), ''] : [])].join('\n');
}

const RANKERS = ['teacher', 'student', 'student-alone', 'best-alone', 'popularity'];

function linesOf(set: QualitySet, runs: readonly Run[]): string[] {
  const main = set.headline.slice(0, 2);
  const rounded = main.find((metric) => metric.startsWith('ndcg'))!;
  const header = [
    'row',
    'n',
    ...main.flatMap((m) => RANKERS.map((ranker) => `${ranker} ${m}`)),
    ...main.map((m) => `kept of the teacher's ${m}`),
    ...main.map((m) => `gain ${m}`),
    `kept of ${rounded} by rounding`,
    'loss teacher, student, control',
    'bytes student',
    'smaller by',
    'job s',
    'peak MiB',
  ];
  const body = groupsOf(runs).map((group) => {
    const { first, mean } = group;
    const loss = (ranker: string) => first.rankers[ranker]?.calibratedLoss?.toFixed(2) ?? '-';
    return [
      `${first.row}: ${first.rankers.teacher!.description} -> ${first.rankers.student!.description}; ${first.rankers['best-alone']?.description ?? 'one control'}`,
      String(group.runs.length),
      ...main.flatMap((m) => RANKERS.map((r) => figure(mean((run) => run.rankers[r]?.metrics[m]?.value)))),
      ...main.map((m) =>
        shown(
          mean((run) => run.retained[m]?.value),
          first.retained[m],
          percent,
        ),
      ),
      ...main.map((m) =>
        shown(
          mean((run) => run.gainOverAlone[m]?.value),
          first.gainOverAlone[m],
          signed,
        ),
      ),
      shown(
        mean((run) => run.keptByRounding[rounded]?.value),
        first.keptByRounding[rounded],
        percent,
      ),
      ['teacher', 'student', 'student-alone'].map(loss).join(', '),
      `${Math.round(first.rankers.student!.bytes / 1000).toLocaleString('en')} kB`,
      first.compressionRatio.toFixed(1),
      mean((run) => run.seconds).toFixed(0),
      mean((run) => run.peakMiB).toFixed(0),
    ];
  });
  return table(header, body);
}

/** A line for each row and kind of history. */
function historyLines(set: QualitySet, runs: readonly Run[]): string[] {
  const metric = set.headline[0]!;
  const header = [
    'row',
    'history',
    'users',
    ...RANKERS.map((ranker) => `${ranker} ${metric}`),
    `kept of the teacher's`,
    'gain',
    'overlap@10',
    'RBO',
  ];
  const body = groupsOf(runs).flatMap(({ first, runs: own }) =>
    (first.histories ?? []).map(({ history, users, why }, place) => {
      if (users === 0) return [first.row, history, '0', why ?? '', ...header.slice(4).map(() => '')];
      const mean = (of: (one: HistoryRun) => number | undefined) =>
        meanOf(own, (run) => of(run.histories![place]!));
      const { retained, gainOverAlone } = first.histories![place]!;
      const agreed = (name: string) => mean((one) => one.rankers.student?.fidelity[name]?.value);
      return [
        first.row,
        history,
        String(users),
        ...RANKERS.map((r) => figure(mean((one) => one.rankers[r]?.metrics[metric]?.value))),
        shown(
          mean((one) => one.retained[metric]?.value),
          retained[metric],
          percent,
        ),
        shown(
          mean((one) => one.gainOverAlone[metric]?.value),
          gainOverAlone[metric],
          signed,
        ),
        figure(agreed('overlap@10'), 3),
        figure(agreed('rbo'), 3),
      ];
    }),
  );
  return table(header, body);
}

/** The runs of each row with the mean over its seeds. */
function groupsOf(runs: readonly Run[]) {
  return [...new Set(runs.map((run) => run.row))].map((row) => {
    const own = runs.filter((run) => run.row === row).toSorted((a, b) => a.seed - b.seed);
    return { runs: own, first: own[0]!, mean: (of: (run: Run) => number | undefined) => meanOf(own, of) };
  });
}

function meanOf<T>(all: readonly T[], of: (one: T) => number | undefined): number {
  return all.reduce((sum, one) => sum + (of(one) ?? Number.NaN), 0) / all.length;
}

function table(header: string[], body: string[][]): string[] {
  return [header, header.map((_, i) => (i === 0 ? '---' : '---:')), ...body].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
}

const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
const signed = (x: number) => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4).slice(1)}`;
const figure = (x: number, digits = 4) => (Number.isNaN(x) ? '-' : x.toFixed(digits).replace(/^0/, ''));

function shown(mean: number, interval: Measured | undefined, text: (x: number) => string): string {
  return interval ? `${text(mean)} (${text(interval.low)} to ${text(interval.high)})` : '-';
}
