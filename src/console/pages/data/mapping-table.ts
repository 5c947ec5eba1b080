import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ImportKind } from '../../../domain/data/import-kind.ts';
import type { ImportPreview } from '../../../domain/data/import-preview.ts';
import { shownText } from '../new-job/body.ts';
import {
  choiceOf,
  FEATURE,
  FIELDS_OF,
  type Mapping,
  missingFields,
  REQUIRED_OF,
  takesFeatures,
  unmappable,
  withField,
} from './mapping.ts';

interface MappingTableProps {
  kind: ImportKind;
  columns: ImportPreview['columns'];
  /** The field that each column becomes, also before the API has answered to the last change. */
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}

/** The columns of a file with what each becomes, to be changed by hand. */
export function MappingTable({ kind, columns, mapping, onChange }: MappingTableProps): VNode {
  const missing = missingFields(kind, mapping);
  return html`
    ${missing.length > 0 && html`<p class="field-error">Say which column is ${missing.join(', and which is ')}.</p>`}
    <div class="table" tabindex="0" role="region" aria-label="Columns of the file">
      <table>
        <thead><tr><th scope="col">Column</th><th scope="col">Becomes</th><th scope="col">Examples</th></tr></thead>
        <tbody>
          ${columns.map(({ column, examples }) => {
            const field = mapping.find((one) => one.column === column)?.field ?? '';
            const why = unmappable(column);
            const choose = (event: Event) =>
              onChange(withField(mapping, column, (event.currentTarget as HTMLSelectElement).value));
            return html`<tr key=${column}>
              <th scope="row"><code class="value">${column}</code></th>
              <td>
                <select
                  aria-label=${`${column} becomes`}
                  value=${choiceOf(kind, field)}
                  disabled=${why !== null}
                  title=${why ?? undefined}
                  onChange=${choose}
                >
                  ${optionsOf(kind, field).map(([value, shown]) => html`<option value=${value}>${shown}</option>`)}
                </select>
              </td>
              <td class="faint"><code class="value">${examples.slice(0, 3).join(', ')}</code></td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  `;
}

function optionsOf(kind: ImportKind, field: string): [value: string, shown: string][] {
  const fields = FIELDS_OF[kind].map((one): [string, string] => [
    one,
    REQUIRED_OF[kind].includes(one) ? `${one} (needed)` : one,
  ]);
  const choice = choiceOf(kind, field);
  const isOther = choice !== '' && choice !== FEATURE && !FIELDS_OF[kind].includes(choice);
  return [
    ['', 'passed over'],
    ...fields,
    ...(takesFeatures(kind) ? [[FEATURE, 'a feature'] as [string, string]] : []),
    ...(isOther ? [[choice, choice] as [string, string]] : []),
  ];
}

/** The first rows as they would be stored. */
export function StoredRows({ rows }: Pick<ImportPreview, 'rows'>): VNode | null {
  if (rows.length === 0) return null;
  const names = [...new Set(rows.flatMap(Object.keys))].filter((name) =>
    rows.some((row) => row[name] !== null),
  );
  return html`<div class="table" tabindex="0" role="region" aria-label="First rows as they would be stored">
    <table class="stored">
      <thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(
          (row) => html`<tr>
            ${names.map((name) => html`<td class=${typeof row[name] === 'number' ? 'number' : ''}>${row[name] === null ? '' : shownText(row[name])}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
