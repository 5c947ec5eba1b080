// @ts-check
// The fidelity report as a paragraph and tables for people.
import { print, printTable } from './screen.mjs';

const NAMES = /** @type {Record<string, string>} */ ({
  teacher: 'teacher',
  student: 'student',
  'student-float32': 'student before rounding',
  'student-alone': 'same student, no teacher',
  'best-alone': 'best small model, no teacher',
  previous: 'version that taught',
  live: 'live version',
  popularity: 'popularity',
});
const HISTORIES = /** @type {Record<string, string>} */ ({
  taught: 'taught',
  newer: 'gone on since',
  unseen: 'users never seen',
});

const named = (/** @type {string} */ name) => NAMES[name] ?? name;
const digits = (/** @type {number | null | undefined} */ x, places = 4) => x?.toFixed(places) ?? '-';
const percent = (/** @type {number} */ x) => `${(100 * x).toFixed(1)} %`;

/** @param {any} report */
export function printReport(report) {
  const { models, data, verdict, histories, warnings } = report;
  print(verdict.text);
  print();
  print(
    `${data.testUsers} users ranked over all ${data.items} items; the test set is ${data.test} interactions, the newest fifth of each user's.`,
  );
  printTable(modelTable(models));
  const filled = histories.filter((/** @type {any} */ { users }) => users > 0);
  if (filled.length > 0) {
    print('By what the student knows of the histories:');
    printTable(historyTable(filled));
  }
  for (const warning of warnings) print(`Warning: ${warning}`);
}

/**
 * A row for each model.
 * @param {any[]} models
 * @returns {string[][]}
 */
export function modelTable(models) {
  const isCalibrated = models.some(({ calibratedLoss }) => calibratedLoss !== null);
  const lossOf = (/** @type {any} */ model) => (isCalibrated ? model.calibratedLoss : model.loss);
  const header = [
    '',
    isCalibrated ? 'calibrated loss' : 'loss',
    'HR@1',
    'Recall@20',
    'NDCG@10',
    '95 % interval',
  ];
  const more = ['overlap@10', 'tail recall', 'coverage@10', 'parameters', 'bytes', 'p50'];
  const rows = models.map((model) => {
    const { name, metrics, fidelity, coverage, segments, parameters, bytes, p50Microseconds } = model;
    const ndcg = metrics['ndcg@10'];
    const tail = segments.find((/** @type {any} */ one) => one.segment === 'items:tail')?.metrics ?? {};
    return [
      named(name),
      digits(lossOf(model), 3),
      digits(metrics['hr@1']?.value),
      digits(metrics['recall@20']?.value),
      digits(ndcg?.value),
      ndcg ? `${digits(ndcg.low)} - ${digits(ndcg.high)}` : '-',
      digits(fidelity?.['overlap@10']?.value, 3),
      digits(/** @type {number | undefined} */ (Object.values(tail)[0])),
      digits(coverage?.['coverage@10'], 3),
      parameters.toLocaleString('en'),
      bytes.toLocaleString('en'),
      p50Microseconds === null ? '-' : `${Math.round(p50Microseconds)} us`,
    ];
  });
  return [[...header, ...more], ...rows];
}

/**
 * A row for each kind of history.
 * @param {any[]} histories
 * @returns {string[][]}
 */
export function historyTable(histories) {
  const rows = histories.map(({ history, users, models, retained }) => {
    const of = (/** @type {string} */ name) => models.find((/** @type {any} */ one) => one.name === name);
    const [teacher, student] = [of('teacher'), of('student')];
    const kept = retained['ndcg@10'];
    return [
      HISTORIES[history] ?? history,
      String(users),
      digits(teacher?.metrics['ndcg@10']?.value),
      digits(student?.metrics['ndcg@10']?.value),
      kept ? percent(kept.value) : '-',
      kept ? `${percent(kept.low)} - ${percent(kept.high)}` : '-',
      digits(student?.fidelity?.['overlap@10']?.value, 3),
      digits(student?.fidelity?.rbo?.value, 3),
    ];
  });
  return [
    ['history', 'users', 'teacher NDCG@10', 'student NDCG@10', 'kept', '95 % interval', 'overlap@10', 'RBO'],
    ...rows,
  ];
}
