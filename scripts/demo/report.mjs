// @ts-check
// The fidelity report as a table for people.
import { print, printTable } from './screen.mjs';

const NAMES = /** @type {Record<string, string>} */ ({
  teacher: 'teacher',
  student: 'student',
  'student-float32': 'student before rounding',
  'student-alone': 'same student, no teacher',
  'best-alone': 'best small model, no teacher',
  popularity: 'popularity',
});

/** @param {any} report */
export function printReport(report) {
  const { rankers, comparison, data } = report;
  const signed = (/** @type {number} */ x) => `${x < 0 ? '-' : '+'}${Math.abs(x).toFixed(4)}`;
  const percent = (/** @type {number} */ x) => `${(100 * x).toFixed(1)} %`;
  print(
    `${data.testUsers} users ranked over all ${data.items} items; the test set is ${data.test} interactions they made later.`,
  );
  printTable([
    [
      '',
      'loss',
      'accuracy',
      'Recall@20',
      'NDCG@10',
      '95 % interval',
      'overlap@10',
      'parameters',
      'bytes',
      'p50',
    ],
    ...rankers.map((/** @type {any} */ ranker) => {
      const { metrics, fidelity } = ranker;
      const ndcg = metrics['ndcg@10'];
      return [
        NAMES[ranker.name] ?? ranker.name,
        ranker.loss?.toFixed(3) ?? '-',
        metrics.accuracy.value.toFixed(4),
        metrics['recall@20'].value.toFixed(4),
        ndcg.value.toFixed(4),
        `${ndcg.low.toFixed(4)} - ${ndcg.high.toFixed(4)}`,
        fidelity ? fidelity['overlap@10'].value.toFixed(3) : '-',
        ranker.parameters.toLocaleString('en'),
        ranker.bytes.toLocaleString('en'),
        `${Math.round(ranker.p50Microseconds)} us`,
      ];
    }),
  ]);
  const kept = comparison.retained['ndcg@10'];
  const gain = comparison.gainOverPopularity['ndcg@10'];
  const gainOverControl = comparison.gainOverAlone['ndcg@10'];
  print(
    `The student is ${comparison.compressionRatio.toFixed(1)} times smaller than its teacher and keeps ` +
      `${percent(kept.value)} of its NDCG@10 (${percent(kept.low)} - ${percent(kept.high)}); ` +
      `it beats popularity by ${percent(gain.value)}. The teacher is worth ${signed(gainOverControl.value)} NDCG@10 to it ` +
      `(${signed(gainOverControl.low)} to ${signed(gainOverControl.high)}).`,
  );
  for (const warning of report.warnings) print(`Warning: ${warning}`);
}
