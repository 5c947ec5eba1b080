import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { go } from '../router.ts';

export interface Column<T> {
  title: string;
  of: (row: T) => ComponentChildren;
  /** `number`: right-aligned, in tabular figures. `main`: the cell that names the row. */
  kind?: 'text' | 'number' | 'main';
  /** True: left out at phone width. */
  isExtra?: boolean;
}

export interface TableProps<T> {
  /** Name of the rows; read out, and not shown. */
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  /** Where Enter or a click on a row leads. */
  hrefOf?: (row: T) => string | null;
  isChosen?: (row: T) => boolean;
}

/** Rows that the arrow keys walk, with Home and End; Enter follows the row's address. */
export function Table<T>({ label, columns, rows, keyOf, hrefOf, isChosen }: TableProps<T>): VNode {
  return html`<div class="table" tabindex=${hrefOf ? undefined : 0} role="region" aria-label=${label}>
    <table>
      <thead>
        <tr>${columns.map((column) => html`<th scope="col" class=${classOf(column)}>${column.title}</th>`)}</tr>
      </thead>
      <tbody onKeyDown=${onKeyDown}>
        ${rows.map((row) => {
          const href = hrefOf?.(row) ?? null;
          return html`<tr
            key=${keyOf(row)}
            class=${href === null ? '' : 'opens'}
            tabindex=${href === null ? undefined : 0}
            aria-current=${isChosen?.(row) ? 'true' : undefined}
            data-href=${href}
            onClick=${href === null ? undefined : onClick}
          >
            ${columns.map((column) => cell(column, row, href))}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function cell<T>(column: Column<T>, row: T, href: string | null): VNode {
  const content = column.of(row);
  if (column.kind !== 'main') return html`<td class=${classOf(column)}>${content}</td>`;
  return html`<th scope="row" class=${classOf(column)}>
    ${href === null ? content : html`<a href=${href} tabindex="-1">${content}</a>`}
  </th>`;
}

const classOf = <T>({ kind = 'text', isExtra }: Column<T>): string => `${kind}${isExtra ? ' extra' : ''}`;

function onClick(event: MouseEvent): void {
  const { currentTarget, target } = event;
  // Buttons and links within do what they say; marked text is left marked.
  if ((target as Element).closest('a, button, input, select, label') || String(getSelection()) !== '') return;
  go((currentTarget as HTMLElement).dataset.href!);
}

function onKeyDown(event: KeyboardEvent): void {
  const row = (event.target as Element).closest('tr');
  if (!row || event.target !== row) return;
  const rows = [...row.parentElement!.children] as HTMLElement[];
  const at = rows.indexOf(row);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (event.key === 'Enter' && row.dataset.href) go(row.dataset.href);
  else if (to !== undefined) rows[Math.max(0, Math.min(rows.length - 1, to))]!.focus();
  else return;
  event.preventDefault();
}
