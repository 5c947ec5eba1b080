import type { Finding } from '../../domain/reports/verdict-report.ts';
import { type Figures, findingsOf, teacherFinding, titleOf } from './findings.ts';
import { lostOf } from './lost.ts';

/** A student that keeps less than this share of its teacher's metric has room left. */
const ENOUGH = 0.95;

/** Returns what to try next, the most promising first. */
export function adviceOf(figures: Figures, metric: string): string[] {
  const { models, comparison } = figures;
  const findings = findingsOf(figures, metric);
  const lost = new Set(lostOf(figures, metric).map(({ about }) => about));
  const against = (role: string): Finding | undefined =>
    findings.find(
      ({ about }) => about !== 'single-task' && models.find(({ name }) => name === about)?.role === role,
    );
  const isBeaten = (role: string) => against(role)?.result === 'better';
  const teacher = teacherFinding(figures, metric);
  const advice: string[] = [];
  if (teacher && teacher.result !== 'better') {
    advice.push(
      `Take another teacher: this one is not better than ${titleOf(figures, teacher.about)}. teacher {"kind":"auto"} tries several; more interactions per user help them all.`,
    );
  } else if (against('baseline') && !isBeaten('baseline')) {
    advice.push(
      'Raise distillation.epochs and student.dimensions: the teacher knows more than the student learned.',
    );
  }
  const control = against('control')?.result;
  if (control === 'worse') {
    advice.push(
      'Try another teacher or other distillation.losses: the data alone teaches a model of this size more.',
    );
  } else if (control === 'equal') {
    advice.push(
      'Measure on more users, or try another teacher or other distillation.losses: nothing shows that the teacher was worth its training.',
    );
  }
  const kept = comparison.retained[metric];
  if (kept && kept.high < ENOUGH) {
    advice.push('Raise student.dimensions: the student is too small for what its teacher knows.');
  }
  if (lost.has('rounding')) {
    advice.push(
      'Leave student.quantization at int8 and student.quantizationAware on, or raise student.dimensions: rounding costs too much.',
    );
  }
  if (lost.has('unseen')) {
    advice.push(
      'Raise distillation.dropout: the student remembers the histories that it was taught on better than it reads new ones.',
    );
  }
  if ((lost.has('tail') || lost.has('coverage')) && !(kept && kept.high < ENOUGH)) {
    advice.push('For rare items raise student.dimensions: small students fall back on what is popular.');
  }
  for (const role of ['live', 'previous']) {
    if (against(role)?.result !== 'worse') continue;
    advice.push(keepInService(figures, against(role)!.about));
  }
  if (advice.length === 0) advice.push('Nothing stands out. A lower student.dimensions may keep as much.');
  return advice;
}

function keepInService(figures: Figures, name: string): string {
  const { role, version, isLive } = figures.models.find((one) => one.name === name)!;
  const title = titleOf(figures, name);
  if (version === undefined || (role !== 'live' && !isLive))
    return `Keep ${title} in service: point its alias back to it.`;
  return `Keep ${title}, in service: point the alias back to version ${version}, and publish with another alias (publish.alias) until a student is no worse.`;
}
