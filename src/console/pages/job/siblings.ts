import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Job } from '../../../domain/jobs/job.ts';
import type { SearchPoint, SearchReport } from '../../../domain/jobs/search-report.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { bytes, fixed, percent, whole } from '../../parts/format.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { linkTo } from '../../router.ts';
import { StateBadge } from './state-badge.ts';

const EVERY_MS = 5000;

/** Returns whether a job is one of several students of a request. */
export function hasSiblings({ leader, spec }: Job): boolean {
  return (
    leader !== null ||
    ('publish' in spec && (spec.publish as { place?: number } | undefined)?.place !== undefined)
  );
}

/** The other students of the same request, as they come. */
export function Siblings({ id }: { id: string }): VNode {
  const { data, error } = useGet<SearchReport>(`/jobs/${encodeURIComponent(id)}/search`, EVERY_MS);
  return html`<${Card} title="Students of this request" says=${data?.text} isWide=${true}>
    <${Problem} error=${error} />
    ${
      data &&
      html`<${Table}
      label="Students of this request"
      rows=${data.points}
      keyOf=${({ jobId }: SearchPoint) => jobId}
      hrefOf=${({ jobId }: SearchPoint) => linkTo(['jobs', jobId])}
      isChosen=${({ jobId }: SearchPoint) => jobId === id}
      columns=${[
        {
          title: 'Student',
          kind: 'main',
          of: ({ place, student }: SearchPoint) => `${place}: ${student.kind}`,
        },
        { title: 'State', of: ({ state }: SearchPoint) => html`<${StateBadge} state=${state} />` },
        { title: 'Dimensions', kind: 'number', of: ({ dimensions }: SearchPoint) => whole(dimensions) },
        { title: 'Size', kind: 'number', of: (point: SearchPoint) => bytes(point.bytes) },
        {
          title: data.metric ?? 'Quality',
          kind: 'number',
          of: ({ quality }: SearchPoint) => fixed(quality?.value),
        },
        { title: 'Keeps', kind: 'number', of: ({ retained }: SearchPoint) => percent(retained) },
        { title: 'Place', of: placeOf },
      ]}
    />`
    }
  <//>`;
}

function placeOf({ isChosen, isKnee, onFront }: SearchPoint): VNode | string {
  if (isChosen) return html`<${Badge} tone="good">chosen<//>`;
  if (isKnee) return html`<${Badge}>knee<//>`;
  return onFront ? html`<${Badge} tone="quiet">on the front<//>` : '';
}
