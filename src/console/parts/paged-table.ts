import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { usePages } from '../hooks.ts';
import { Empty, Loading } from './empty.ts';
import { Problem } from './notice.ts';
import { Table, type TableProps } from './table.ts';

interface PagedTableProps<T> extends Omit<TableProps<T>, 'rows'> {
  /** Path of the list, without cursor, such as `/jobs?state=failed`. */
  path: string | null;
  /** Rows a page. */
  limit?: number;
  /** The first page is asked for again so often. */
  everyMs?: number;
  /** Shown in place of the table when the list is empty. */
  empty?: ComponentChildren;
}

/** A list of the API, one page at a time. */
export function PagedTable<T>({ path, limit, everyMs, empty, ...table }: PagedTableProps<T>): VNode {
  const { data, error, isLoading, number, next, previous } = usePages<T>(path, limit, everyMs);
  if (error && data === null) return html`<${Problem} error=${error} />`;
  if (data === null) return html`<${Loading} />`;
  if (data.length === 0 && number === 1) return html`${empty ?? html`<${Empty} title="Nothing here yet" />`}`;
  return html`<div aria-busy=${isLoading}>
    <${Table} ...${table} rows=${data} />
    <${Pager} number=${number} next=${next} previous=${previous} />
  </div>`;
}

interface PagerProps {
  number: number;
  next: (() => void) | null;
  previous: (() => void) | null;
}

/** Buttons between the pages of a list; nothing where one page is all. */
function Pager({ number, next, previous }: PagerProps): VNode | null {
  if (!next && !previous) return null;
  return html`<div class="pager">
    <button onClick=${previous ?? undefined} disabled=${!previous}>Previous</button>
    <span>Page ${number}</span>
    <button onClick=${next ?? undefined} disabled=${!next}>Next</button>
  </div>`;
}
