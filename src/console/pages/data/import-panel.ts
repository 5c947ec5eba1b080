import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ImportFormat, ImportKind } from '../../../domain/data/import-kind.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { bytes, counted, whole } from '../../parts/format.ts';
import { Notice, Problem } from '../../parts/notice.ts';
import type { Path } from '../new-job/body.ts';
import { Fold, Inputs } from '../new-job/field-input.ts';
import type { Form } from '../new-job/form.ts';
import { type ApiDocument, queryFields } from '../new-job/schema.ts';
import { FORMATS, KINDS } from './choices.ts';
import { formatOf } from './file-format.ts';
import { type ImportChoice, isAsked } from './import-query.ts';
import { columnsOption, type Mapping, mappingOf } from './mapping.ts';
import { MappingTable, StoredRows } from './mapping-table.ts';
import { Run } from './run.ts';
import { suggestionIn } from './suggestion.ts';
import { type Previewed, usePreview } from './use-preview.ts';

interface ImportPanelProps {
  file: File;
  onClose: () => void;
  /** Called when rows have been stored. */
  onStored: () => void;
}

/** A file on its way in: what the API makes of it, what can be changed about that, a dry run, and the import. */
export function ImportPanel({ file, onClose, onStored }: ImportPanelProps): VNode {
  const [choice, setChoice] = useState<ImportChoice>({
    kind: 'interactions',
    format: formatOf(file.name),
    options: {},
  });
  const [byHand, setByHand] = useState<Mapping | null>(null);
  const document = useGet<ApiDocument>('/openapi.json');
  const previewed = usePreview(file, choice);
  const set = (name: string, value: unknown) => {
    setByHand(null);
    setChoice((before) => ({ ...before, options: { ...before.options, [name]: value } }));
  };
  const setKind = (kind: string) => {
    set('columns', undefined);
    setChoice((before) => ({ ...before, kind: kind as ImportKind }));
  };
  const setFormat = (format: string) => {
    setByHand(null);
    setChoice((before) => ({ ...before, format: format as ImportFormat }));
  };
  const onMapping = (mapping: Mapping) => {
    set('columns', columnsOption(mapping));
    setByHand(mapping);
  };
  const close = html`<button type="button" onClick=${onClose}>Take another file</button>`;
  const fields = document.data ? queryFields(document.data, '/imports') : [];
  const names = fields.map(({ name }) => name);
  const problems = (previewed.preview?.problems ?? []).map(({ option, detail }) => ({
    field: option,
    detail,
  }));
  const form: Form = {
    body: choice.options,
    set: ([name]: Path, value) => set(String(name), value),
    plan: null,
    problems,
  };
  const asked = fields.filter(({ name }) => isAsked(name, choice.kind));
  const main = asked.filter(({ name }) => name === 'type' || name === 'name');
  const others = asked.filter((field) => !main.includes(field));
  return html`
    <${Card} title=${html`${file.name} <span class="faint">${bytes(file.size)}</span>`} aside=${close} isWide=${true}>
      <div class="row">
        <${Choice} label="Rows are" value=${choice.kind} options=${KINDS} onChange=${setKind} />
        <${Choice} label="Format" value=${choice.format} options=${FORMATS} onChange=${setFormat} />
      </div>
      <${Inputs} fields=${main} path=${[]} form=${form} />
      <${Fold} title="How the file is read" fields=${others} path=${[]} form=${form} />
      <${Problems} previewed=${previewed} options=${names} onUse=${set} />
    <//>
    <${Shown} previewed=${previewed} kind=${choice.kind} byHand=${byHand} onMapping=${onMapping} />
    <${Run} file=${file} choice=${choice} onStored=${onStored} />
  `;
}

interface ProblemsProps {
  previewed: Previewed;
  options: readonly string[];
  onUse: (option: string, value: string) => void;
}

/** Problems of the file, each with a button for the option that mends it where the API names its value. */
function Problems({ previewed: { preview, error, refusal }, options, onUse }: ProblemsProps): VNode {
  return html`
    <${Problem} error=${error} />
    ${refusal && html`<${Notice} tone="warn">${refusal}<//>`}
    ${preview?.problems.map(({ detail, line, option }) => {
      const suggestion = suggestionIn(detail, options);
      const use = () => suggestion && onUse(suggestion.option, suggestion.value);
      return html`<${Notice} tone=${preview.accepted > 0 ? 'warn' : 'bad'}>
        <p>${line !== null && !/^Line \d/.test(detail) && `Line ${whole(line)}: `}${detail}</p>
        ${suggestion && html`<p><button type="button" onClick=${use}>Use ${suggestion.option}=${suggestion.value}</button></p>`}
        ${!suggestion && option && html`<p class="faint">${remedy(option)}</p>`}
      <//>`;
    })}
  `;
}

function remedy(option: string): string {
  if (option.includes('event-types')) return 'Types of interactions, below, is where it is declared.';
  return option === 'columns' ? 'The table of columns, below, mends it.' : `The option ${option} mends it.`;
}

interface ShownProps {
  previewed: Previewed;
  kind: ImportKind;
  byHand: Mapping | null;
  onMapping: (mapping: Mapping) => void;
}

function Shown({
  previewed: { preview, error, isAsking },
  kind,
  byHand,
  onMapping,
}: ShownProps): VNode | null {
  if (!preview) return isAsking && !error ? html`<${Loading} />` : null;
  const { columns, rows, accepted, rejected, isWhole } = preview;
  const said = html`${whole(accepted)} of ${counted(accepted + rejected, 'row')} ${isWhole ? 'of the file' : 'of its beginning'} would be stored.`;
  return html`
    ${
      columns.length > 0 &&
      html`<${Card} title="Columns" says="What each column becomes. Change it, and the rows below change with it." isWide=${true}>
      <${MappingTable} kind=${kind} columns=${columns} mapping=${byHand ?? mappingOf(preview)} onChange=${onMapping} />
    <//>`
    }
    <${Card} title="As it would be stored" says=${said} aside=${isAsking && html`<span class="faint" role="status">Reading…</span>`} isWide=${true}>
      <${StoredRows} rows=${rows} />
    <//>
  `;
}
