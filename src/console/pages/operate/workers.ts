import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { WorkerStatus } from '../../../domain/jobs/worker.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { bytes, duration, whole } from '../../parts/format.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';

/** A lane of the queue: jobs that hold up no others. */
interface Lane {
  lane: string;
  queued: number;
  delayed: number;
  running: number;
  oldestWaitedSeconds: number | null;
  workers: number;
  concurrency: number;
}

/** Who runs jobs, on what machine, and the lanes of the queue. */
export function Workers(): VNode {
  const { data, error } = useGet<{ data: WorkerStatus[] }>('/workers', 5_000);
  const queue = useGet<{ lanes?: Lane[] }>('/queue', 5_000);
  return html`<div class="stack">
    <${Problem} error=${error} />
    ${data?.data
      .filter(({ problem }) => problem !== null)
      .map(({ id, problem }) => html`<${Notice} key=${id} tone="bad">${id}: ${problem}<//>`)}
    <${Card} title="Workers" says="Those heard of within the last half minute, with what their trainers found.">
      ${!data && !error && html`<${Loading} />`}
      ${data?.data.length === 0 && html`<${Empty} title="No worker: no job will start" />`}
      ${data && data.data.length > 0 && html`<${WorkerTable} workers=${data.data} />`}
    <//>
    ${queue.data?.lanes && html`<${LaneTable} lanes=${queue.data.lanes} />`}
  </div>`;
}

const MIB = 2 ** 20;

function WorkerTable({ workers }: { workers: WorkerStatus[] }): VNode {
  return html`<${Table}
    label="Workers"
    rows=${workers}
    keyOf=${({ id }: WorkerStatus) => id}
    columns=${[
      { title: 'Worker', kind: 'main', of: ({ id }: WorkerStatus) => id },
      {
        title: 'Backend',
        of: ({ trainer }: WorkerStatus) =>
          trainer &&
          html`<span title=${trainer.reason ?? ''}>${trainer.backend} ${trainer.device ?? ''}</span>`,
      },
      { title: 'Jobs', of: ({ jobs }: WorkerStatus) => html`<${JobLinks} jobs=${jobs} />` },
      { title: 'At a time', kind: 'number', of: ({ concurrency }: WorkerStatus) => whole(concurrency) },
      {
        title: 'Memory',
        kind: 'number',
        isExtra: true,
        of: ({ trainer }: WorkerStatus) => bytes(trainer && trainer.memoryMiB * MIB),
      },
      {
        title: 'Matrix product',
        kind: 'number',
        isExtra: true,
        of: ({ trainer }: WorkerStatus) => duration(trainer && trainer.matmulMs / 1000),
      },
      {
        title: 'Started',
        isExtra: true,
        of: ({ startedAt }: WorkerStatus) => html`<${Time} at=${startedAt} />`,
      },
    ]}
  />`;
}

function JobLinks({ jobs }: { jobs: string[] }): VNode {
  if (jobs.length === 0) return html`<${Badge} tone="quiet">idle<//>`;
  return html`<span>${jobs.map((job) => html`<a key=${job} href=${linkTo(['jobs', job])}>${job.slice(-8)}</a>${' '}`)}</span>`;
}

function LaneTable({ lanes }: { lanes: Lane[] }): VNode {
  return html`<${Card} title="Lanes" says="Imports, trainings and upkeep hold up nothing of each other.">
    <${Table}
      label="Lanes"
      rows=${lanes}
      keyOf=${({ lane }: Lane) => lane}
      columns=${[
        { title: 'Lane', kind: 'main', of: ({ lane }: Lane) => lane },
        { title: 'Running', kind: 'number', of: ({ running }: Lane) => whole(running) },
        { title: 'Waiting', kind: 'number', of: ({ queued }: Lane) => whole(queued) },
        {
          title: 'Longest wait',
          kind: 'number',
          of: ({ oldestWaitedSeconds }: Lane) => duration(oldestWaitedSeconds),
        },
        { title: 'Workers', kind: 'number', isExtra: true, of: ({ workers }: Lane) => whole(workers) },
        {
          title: 'At a time',
          kind: 'number',
          isExtra: true,
          of: ({ concurrency }: Lane) => whole(concurrency),
        },
      ]}
    />
  <//>`;
}
