import type { Report } from '../../src/domain/reports/report.ts';

interface Row {
  name: string;
  seed: number;
  epochs: number;
  report: Report;
}

const METRICS = ['ndcg@10', 'recall@20'];

export function transferPage(rows: readonly Row[], old: number, args: readonly string[]): string {
  const body = rows.flatMap((row) => linesOf(row));
  const curves = rows.flatMap(curveOf);
  return `# Knowledge transfer on MovieLens-100K

\`npm run bench:transfer${args.length > 0 ? ` -- ${args.join(' ')}` : ''}\`

Version 1 is made from the oldest ${Math.round(100 * old)} % of the ratings with default settings (and what \`--first\` names, as has the row from scratch); each later row from all of them. Test: each
user's newest fifth of the films rated 4 or 5, all films ranked (the default split and protocol). \`old\` and \`new\` are recall@20 on films
that version 1 knows and does not know. Seconds are those of the teacher (none for a successor) and of the student's own training,
one run each on a shared machine.

| job | seed | ranker | epochs | ${METRICS.join(' | ')} | old | new | s teacher | s student |
|---|---|---|---|${METRICS.map(() => '---|').join('')}---|---|---|---|
${body.join('\n')}

Over the training (NDCG@10 on validation, after the epoch; the same student from random numbers beside it):

| job | seed | student | same student from scratch | as good as that one's best after |
|---|---|---|---|---|
${curves.join('\n')}
`;
}

function linesOf({ name, seed, epochs, report }: Row): string[] {
  const { seconds } = report;
  const control = (report.settings.alone as { epochs: number }).epochs;
  const wanted = report.transfer
    ? ['teacher', 'student', 'student-alone', 'previous']
    : ['teacher', 'student', 'student-alone'];
  return report.models
    .filter((model) => wanted.includes(model.name))
    .map((model) => {
      const segment = (which: string) => {
        const found = model.segments.find((one) => one.segment === which)?.metrics['recall@20'];
        return found === undefined ? '' : found.toFixed(4);
      };
      const own = {
        teacher: ['', (seconds.teacher ?? 0).toFixed(1), ''],
        student: [String(epochs), '', ((seconds.transfer ?? 0) + (seconds.distillation ?? 0)).toFixed(1)],
        'student-alone': [`<= ${control}`, '', (seconds['student-alone'] ?? 0).toFixed(1)],
      }[model.name as string] ?? ['', '', ''];
      const cells = [
        name,
        seed,
        model.name,
        own[0],
        ...METRICS.map((metric) => model.metrics[metric]!.value.toFixed(4)),
        segment('items:old'),
        segment('items:new'),
        own[1],
        own[2],
      ];
      return `| ${cells.join(' | ')} |`;
    });
}

function curveOf({ name, seed, report: { transfer } }: Row): string[] {
  if (!transfer) return [];
  const points = (curve: { epoch: number; seconds: number; 'ndcg@10': number }[]) =>
    curve
      .filter((_, i) => [0, 1, 3, 7, 11, 19, 39].includes(i) || i === curve.length - 1)
      .map((point) => `${point.epoch}: ${point['ndcg@10'].toFixed(4)} (${point.seconds.toFixed(1)} s)`)
      .join(', ');
  const { reachedAlone } = transfer;
  const reached = reachedAlone
    ? `${reachedAlone.epochs} epochs, ${(100 * reachedAlone.shareOfEpochs).toFixed(0)} % of its; ${(100 * reachedAlone.shareOfSeconds).toFixed(0)} % of its seconds`
    : 'never';
  return [
    `| ${name} | ${seed} | ${points(transfer.curves.student)} | ${points(transfer.curves['student-alone'])} | ${reached} |`,
  ];
}
