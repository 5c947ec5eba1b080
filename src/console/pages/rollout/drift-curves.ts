import type { DriftCheck } from '../../../domain/drift/drift-check.ts';
import type { Measured } from '../../../domain/reports/measured.ts';
import type { Curve } from '../../parts/chart.ts';

/** Curves of the checks that measured something, the oldest first: the live version with its interval, and its teacher. */
export function driftCurves(checks: readonly DriftCheck[]): { x: number[]; curves: Curve[] } {
  const measured = checks.filter(({ figures }) => figures.ndcg !== null).toReversed();
  const of = (pick: (check: DriftCheck) => number | undefined) =>
    measured.map((check) => pick(check) ?? null);
  const live = (end: keyof Measured) => of(({ figures }) => figures.ndcg?.[end]);
  const curves: Curve[] = [
    { label: 'Live version', values: live('value') },
    { label: 'its 95 % interval from', values: live('low'), isDashed: true },
    { label: 'to', values: live('high'), isDashed: true },
  ];
  const teacher = of(({ figures }) => figures.teacherNdcg?.value);
  if (teacher.some((value) => value !== null)) curves.push({ label: 'Its teacher', values: teacher });
  return { x: measured.map(({ at }) => Date.parse(at) / 1000), curves };
}
