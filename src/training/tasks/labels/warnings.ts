import type { LabelledData } from '../../../dataset/labels.ts';
import type { LabelSettings } from './plan.ts';

/** Warnings of a job that is allowed but should not go unnoticed. */
export function labelWarnings(
  { leftOut }: Pick<LabelledData, 'leftOut'>,
  { minimum, from }: LabelSettings['labels'],
): string[] {
  const warnings: string[] = [];
  const named = (reason: string) =>
    leftOut.filter((one) => one.reason === reason).map(({ label }) => JSON.stringify(label));
  const list = (names: string[]) =>
    `${names.slice(0, 20).join(', ')}${names.length > 20 ? `, and ${names.length - 20} more` : ''}`;
  const [rare, everywhere] = [named('rare'), named('everywhere')];
  if (rare.length > 0) {
    warnings.push(`Left out of ${from}, as fewer than labels.minimum ${minimum} have them: ${list(rare)}`);
  }
  if (everywhere.length > 0) {
    warnings.push(
      `Left out of ${from}, as all that have any have them, so that there is nothing to tell apart: ${list(everywhere)}`,
    );
  }
  return warnings;
}
