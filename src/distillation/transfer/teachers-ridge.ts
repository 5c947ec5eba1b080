import type { Teacher } from '../../teacher/contract.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';

/**
 * Returns the ridge regression of a teacher that is iALS, or of the heaviest such member of an ensemble, with the settings that
 * validation chose for it. undefined where there is none.
 */
export function ridgeOfTeacher({
  settings,
  members,
}: Pick<Teacher, 'settings' | 'members'>): Ridge | undefined {
  if (members) {
    const heaviestFirst = [...members].sort((a, b) => b.share - a.share);
    for (const { teacher, share } of heaviestFirst) {
      const ridge = share > 0 ? ridgeOfTeacher(teacher) : undefined;
      if (ridge) return ridge;
    }
    return undefined;
  }
  const { objective, unobservedWeight, regularization } = settings;
  if (objective !== 'ials') return undefined;
  return { unobservedWeight: Number(unobservedWeight), regularization: Number(regularization) };
}
