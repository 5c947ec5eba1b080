import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ImportResult, Job, JobProgress } from '../../../domain/jobs/job.ts';
import { Card, Facts, Figure } from '../../parts/card.ts';
import { bytes, duration, percent, whole } from '../../parts/format.ts';
import { Notice } from '../../parts/notice.ts';
import { Rejects } from './rejects.ts';

interface ImportRunProps {
  job: Job;
  /** The newest that is known of it, by its events. */
  progress: JobProgress | null;
}

/** How far an import is and what came of it: rows, what was decided about the file, bad lines by reason. */
export function ImportRun({ job, progress }: ImportRunProps): VNode {
  const result = job.result && 'accepted' in job.result ? job.result : null;
  const counts = result ?? progress ?? job.progress;
  const isOver = job.finishedAt !== null;
  const isDry = 'dryRun' in job.spec && job.spec.dryRun === true;
  return html`
    <${Card} isWide=${true} title=${isDry ? 'Dry run: nothing is stored' : 'Rows'}>
      ${!isOver && html`<${Bar} progress=${progress ?? job.progress} />`}
      <div class="figures">
        <${Figure} name="read" value=${whole(counts?.rows ?? 0)} />
        <${Figure} name=${isDry ? 'would be stored' : 'stored'} value=${whole(counts?.accepted ?? 0)} />
        <${Figure} name="known already" value=${whole(counts?.duplicates ?? 0)} />
        <${Figure} name="refused" value=${whole(counts?.rejected ?? 0)} />
      </div>
      ${result && html`<${Reading} result=${result} />`}
    <//>
    ${result?.warnings?.map((warning) => html`<${Notice} tone="warn">${warning}<//>`)}
    <${Rejects} id=${job.id} rejected=${counts?.rejected ?? 0} />
  `;
}

function Bar({ progress }: { progress: JobProgress | null }): VNode {
  const { fraction = 0, bytes: read, etaSeconds } = progress ?? {};
  return html`<div class="how-far wide-bar">
    <progress class="meter" max="1" value=${fraction} aria-label=${`${percent(fraction, 0)} read`} />
    <span class="faint">
      ${percent(fraction, 0)}${read === undefined ? '' : `, ${bytes(read)} read`}${etaSeconds === undefined ? '' : `, ${duration(etaSeconds)} left`}
    </span>
  </div>`;
}

function Reading({ result: { reading = {}, unknownTypes = {} } }: { result: ImportResult }): VNode {
  const pairs = (of: Record<string, unknown>) =>
    Object.entries(of)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ');
  const unknown = Object.keys(unknownTypes).length === 0 ? undefined : pairs(unknownTypes);
  return html`<${Facts}
    rows=${[
      ['Preset', reading.preset],
      ['Encoding', reading.encoding],
      ['Times read as', reading.timestamps && pairs(reading.timestamps)],
      ['Files', reading.files?.join(', ')],
      ['Ids with blanks taken off', reading.trimmed],
      ['Columns taken as text', reading.textColumns?.join(', ')],
      ['Rows of types that do not count', unknown],
    ]}
  />`;
}
