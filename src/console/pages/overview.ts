import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useGet } from '../hooks.ts';
import { PageTop } from '../parts/card.ts';
import { Notice, Problem } from '../parts/notice.ts';

interface Ready {
  warnings: string[];
}

/** Whether all is well, which models are live and what they keep. */
export function Overview(): VNode {
  const ready = useGet<Ready>('/health/ready', 10_000);
  const queue = useGet<object>('/queue', 10_000);
  return html`
    <${PageTop} title="Overview" />
    <${Problem} error=${queue.error} />
    <${Problem} error=${ready.error} />
    ${ready.data?.warnings.map((warning) => html`<${Notice} tone="warn">${warning}<//>`)}
  `;
}
