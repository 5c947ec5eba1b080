import type { Report } from '../../domain/reports/report.ts';
import type { Finding } from '../../domain/reports/verdict-report.ts';
import { type Figures, findingsOf, teacherFinding } from './findings.ts';

/** Fewer test users than this make wide intervals. */
const FEW = 100;
/** A guess among N items costs ln N nats; scores that cost this many times as much have exploded. */
const EXPLODED = 10;

/** Warnings that follow from the figures of a report, for every task; those of a job with tasks name the task. */
export function reportWarnings(
  { tasks, data, labels, ...figures }: Figures & Pick<Report, 'tasks' | 'data' | 'labels'>,
  metric: string,
): string[] {
  if (!tasks) return warningsOf(figures, data, metric, labels?.of);
  return tasks.flatMap((table) =>
    warningsOf(table, { ...table.data, items: data.items }, metric).map(
      (one) => `Task ${table.task}: ${one}`,
    ),
  );
}

function warningsOf(
  figures: Figures,
  { testUsers, test, items }: Pick<Report['data'], 'testUsers' | 'test' | 'items'>,
  metric: string,
  labelsOf?: 'users' | 'items',
): string[] {
  const { models } = figures;
  const few = labelsOf ? `${labelsOf} (${testUsers})` : `users (${testUsers}, with ${test} test pairs)`;
  const roleOf = ({ about }: Finding) => models.find(({ name }) => name === about)?.role;
  const compared = findingsOf(figures, metric).filter(
    (finding) =>
      ['control', 'baseline'].includes(roleOf(finding)!) &&
      // One student for all tasks that is as good as one for each is what was asked for.
      (finding.about !== 'single-task' || finding.result === 'worse'),
  );
  const teacher = teacherFinding(figures, metric);
  return [
    ...[...compared, ...(teacher ? [teacher] : [])].flatMap(notAbove),
    ...models.flatMap((model) => scoreWarnings(model, items)),
    ...(testUsers > 0 && Math.min(testUsers, test) < FEW
      ? [`There are few test ${few}: the intervals are wide, and differences that matter may be called equal`]
      : []),
  ];
}

function notAbove({ result, text }: Finding): string[] {
  if (result === 'better') return [];
  const why = result === 'worse' ? '' : ' The interval holds 0, so it may be a little better or worse.';
  return [`${text}${why}`];
}

/** A loss that is no number, or that nobody can have meant. */
function scoreWarnings({ name, loss }: Report['models'][number], items: number): string[] {
  if (loss === null) return [];
  if (!Number.isFinite(loss)) return [`The loss of ${name} is no finite number: its scores have overflowed`];
  const guess = Math.log(Math.max(2, items));
  if (loss <= EXPLODED * guess) return [];
  return [
    `The scores of ${name} have exploded: its loss is ${loss.toPrecision(4)} nats, where a guess among ${items} items costs ${guess.toPrecision(3)}`,
  ];
}
