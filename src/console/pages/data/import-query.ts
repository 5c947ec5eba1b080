import type { ImportFormat, ImportKind } from '../../../domain/data/import-kind.ts';

/** How a file is to be imported: its kind and format, and the other options of `POST /imports` by name. */
export interface ImportChoice {
  kind: ImportKind;
  format: ImportFormat;
  options: Record<string, unknown>;
}

/** The query of an import or its preview. Lists have commas between their entries, as the API reads them. */
export function importQuery(
  { kind, format, options }: ImportChoice,
  more: Record<string, string> = {},
): string {
  const query = new URLSearchParams({ kind, ...(options.preset === undefined && { format }), ...more });
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && value !== '')
      query.set(name, Array.isArray(value) ? value.join(',') : String(value));
  return query.toString();
}

/** Options that the page asks for elsewhere, or that name a file which is not the one that was chosen. */
const ELSEWHERE = ['kind', 'format', 'columns', 'mapping', 'url', 'path', 'dryRun'];
/** Options of one kind of rows alone. */
const OF_KIND: Record<string, ImportKind> = {
  type: 'interactions',
  timestamps: 'interactions',
  name: 'teacher',
};

/** Returns whether an option is a field of the form for files of a kind. */
export function isAsked(option: string, kind: ImportKind): boolean {
  return !ELSEWHERE.includes(option) && (OF_KIND[option] ?? kind) === kind;
}
