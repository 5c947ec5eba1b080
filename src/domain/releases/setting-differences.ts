/** A setting that not all versions share; null where a version has none of that name. */
export interface SettingDifference {
  setting: string;
  /** One for each version, in their order. */
  values: unknown[];
}

/**
 * Differences between the settings of versions, by their paths. Objects are gone through name by name; anything else, lists too, is
 * one setting.
 * @param trees settings of each version
 */
export function settingDifferences(trees: readonly unknown[], path = ''): SettingDifference[] {
  if (trees.every(isPlain)) {
    const names = [...new Set(trees.flatMap((tree) => Object.keys(tree)))].sort();
    return names.flatMap((name) =>
      settingDifferences(
        trees.map((tree) => tree[name]),
        path === '' ? name : `${path}.${name}`,
      ),
    );
  }
  if (new Set(trees.map((value) => JSON.stringify(value))).size === 1) return [];
  return [{ setting: path, values: trees.map((value) => value ?? null) }];
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
