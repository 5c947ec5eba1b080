import { metricTitle } from '../../domain/reports/metric-names.ts';
import type { Report } from '../../domain/reports/report.ts';
import type { Headline, Verdict } from '../../domain/reports/verdict-report.ts';
import { adviceOf } from './advice.ts';
import { type Figures, findingsOf } from './findings.ts';
import { headlineOf } from './headline.ts';
import { lostOf, percent } from './lost.ts';

const OVER: Record<Headline['history'], string> = {
  newer: 'Over users whose histories have gone on since the student learned from them,',
  unseen: 'Over users that the student has never seen,',
  taught: 'Over users whose histories the student learned from,',
  known: 'Over the test users',
};

/**
 * Tells in plain words what the figures of a report say, by the metric of its headline. "Equal" means that the interval of the
 * paired difference holds 0. Of a job with tasks it tells of each.
 */
export function verdictOf(
  { tasks, labels, ...figures }: Figures & Pick<Report, 'tasks' | 'labels'>,
  metric: string,
): Verdict {
  if (!tasks) return verdictOn(figures, metric, labels?.of);
  const verdicts = tasks.map((table) => {
    const { task } = table;
    const own = verdictOn(table, metric);
    const named = <T>(list: readonly T[]) => list.map((one) => ({ ...one, task }));
    return {
      text: `Task ${task}: ${own.text}`,
      findings: named(own.findings),
      lost: named(own.lost),
      advice: own.advice.map((one) => `Task ${task}: ${one}`),
    };
  });
  return {
    text: verdicts.map(({ text }) => text).join(' '),
    findings: verdicts.flatMap(({ findings }) => findings),
    lost: verdicts.flatMap(({ lost }) => lost),
    advice: verdicts.flatMap(({ advice }) => advice),
  };
}

function verdictOn(figures: Figures, metric: string, of: 'users' | 'items' = 'users'): Verdict {
  const headline = headlineOf(figures, metric);
  if (!headline) return { text: 'Nothing was measured.', findings: [], lost: [], advice: [] };
  const findings = findingsOf(figures, metric);
  const lost = lostOf(figures, metric);
  const advice = adviceOf(figures, metric);
  const told = [...findings, ...lost].map(({ text }) => text);
  const text = [
    introduction(headline, of),
    ...whose(headline, figures),
    ...told,
    `To try: ${advice.join(' ')}`,
  ].join(' ');
  return { text, findings, lost, advice };
}

/** The comparisons are over all users that the student knows, the headline often over a few of them, or over others. */
function whose({ history }: Headline, { histories }: Figures): string[] {
  const others = histories.some(
    (one) => one.history !== history && one.history !== 'unseen' && one.users > 0,
  );
  return history !== 'known' && others ? ['What follows is over all test users that the student knows.'] : [];
}

function introduction(
  { metric, better, history, student, teacher, retained }: Headline,
  of: 'users' | 'items',
): string {
  const { value, low, high } = student;
  const share =
    retained && `${percent(retained.value)} (${percent(retained.low)} to ${percent(retained.high)})`;
  const kept = better === 'lower' ? `which is ${share} of the student's` : `of which it keeps ${share}`;
  return `${OVER[history].replace('users', of)} the student's ${metricTitle(metric)} is ${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)}); its teacher's is ${teacher.value.toFixed(4)}${share ? `, ${kept}` : ''}.`;
}
