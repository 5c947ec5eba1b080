import type { ImportFormat, ImportKind } from '../import-kind.ts';
import { DATA_SET_PRESETS } from './data-set-presets.ts';
import { asParquet } from './parquet-layout.ts';
import type { Layout, Preset } from './preset-kit.ts';
import { RATING_PRESETS } from './rating-presets.ts';
import { SYSTEM_PRESETS } from './system-presets.ts';

/** The files of well-known data sets and systems, as they are published. */
export const PRESETS = { ...RATING_PRESETS, ...DATA_SET_PRESETS, ...SYSTEM_PRESETS };

export type PresetName = keyof typeof PRESETS;
/** The preset of this service's own exports. */
export const OWN_EXPORTS = 'stillhouse' satisfies PresetName;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/** @returns undefined where the preset has no file of this kind and format */
export function layoutOf(name: PresetName, kind: ImportKind, format?: ImportFormat): Layout | undefined {
  const layouts = (PRESETS[name] as Preset).layouts[kind];
  const all = layouts === undefined ? [] : Array.isArray(layouts) ? layouts : [layouts];
  if (format === 'parquet') return all.map(asParquet).find((layout) => layout !== undefined);
  return format === undefined ? all[0] : all.find((layout) => layout.format === format);
}

/**
 * The preset whose files begin so.
 * @param beginning the first lines of a file
 */
export function guessPreset(
  beginning: string,
  kind: ImportKind,
): { name: PresetName; layout: Layout } | undefined {
  for (const name of PRESET_NAMES) {
    const layouts = (PRESETS[name] as Preset).layouts[kind] ?? [];
    const layout = [layouts].flat().find(({ begins }) => begins?.test(beginning));
    if (layout) return { name, layout };
  }
  return undefined;
}

/**
 * The preset whose files have these columns, written as Parquet.
 * @param record the first row
 */
export function guessParquetPreset(
  record: object,
  kind: ImportKind,
): { name: PresetName; layout: Layout } | undefined {
  const header = `${Object.keys(record).join(',')}\n`;
  const found = guessPreset(header, kind) ?? guessPreset(`${JSON.stringify(record)}\n`, kind);
  const layout = found && asParquet(found.layout);
  return found && layout && { name: found.name, layout };
}
