import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Notice } from '../../../domain/notices/notice.ts';
import { Card } from '../../parts/card.ts';
import { Empty } from '../../parts/empty.ts';
import { Badge, type Tone } from '../../parts/notice.ts';
import { PagedTable } from '../../parts/paged-table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';

const KINDS: Record<Notice['kind'], [words: string, tone: Tone]> = {
  'job.ended': ['job ended', 'info'],
  'version.promoted': ['promoted', 'good'],
  'version.refused': ['refused', 'warn'],
  'version.rolled-back': ['rolled back', 'warn'],
  'version.withdrawn': ['withdrawn', 'warn'],
  'traffic.ended': ['traffic ended', 'info'],
  'drift.found': ['drift', 'bad'],
  'drift.over': ['drift over', 'good'],
};

/** Notices of the installation, the newest first. */
export function Lately(): VNode {
  return html`<${Card} title="What happened lately">
    <${PagedTable}
      label="What happened lately"
      path="/notices"
      limit=${8}
      everyMs=${15_000}
      keyOf=${({ id }: Notice) => id}
      hrefOf=${hrefOf}
      empty=${html`<${Empty} title="Nothing yet" />`}
      columns=${[
        { title: 'What', kind: 'main', of: (notice: Notice) => titleOf(notice) },
        { title: '', of: (notice: Notice) => html`<${Mark} notice=${notice} />` },
        { title: 'When', of: ({ at }: Notice) => html`<${Time} at=${at} />` },
      ]}
    />
  <//>`;
}

function Mark({ notice: { kind, data } }: { notice: Notice }): VNode {
  const [words, tone] = KINDS[kind] ?? [kind, 'info'];
  const { state } = data;
  if (kind !== 'job.ended' || typeof state !== 'string') return html`<${Badge} tone=${tone}>${words}<//>`;
  return html`<${Badge} tone=${state === 'succeeded' ? 'good' : state === 'failed' ? 'bad' : 'quiet'}>${state}<//>`;
}

function titleOf({ model, version, kind, data }: Notice): string {
  if (model === null) return kind === 'job.ended' && typeof data.type === 'string' ? data.type : kind;
  return version === null ? model : `${model} version ${version}`;
}

function hrefOf({ kind, model, version, job }: Notice): string | null {
  if (kind === 'job.ended' && job !== null) return linkTo(['jobs', job]);
  if (model !== null && version !== null) return linkTo(['report', model, version]);
  return model === null ? null : linkTo(['rollout', model]);
}
