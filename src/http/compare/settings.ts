/** A setting that two versions do not share; undefined where one of them has none of that name. */
export interface SettingDifference {
  setting: string;
  values: [unknown, unknown];
}

/** Differences of what training chooses or notes by itself and of what the job says, by their paths. */
export function settingDifferences(one: unknown, other: unknown, path = ''): SettingDifference[] {
  if (isPlain(one) && isPlain(other)) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
    return names.flatMap((name) =>
      settingDifferences(one[name], other[name], path === '' ? name : `${path}.${name}`),
    );
  }
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  return [{ setting: path, values: [one ?? null, other ?? null] }];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
