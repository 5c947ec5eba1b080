import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Page } from '../../hooks.ts';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Problem } from '../../parts/notice.ts';
import { Time } from '../../parts/time.ts';
import { ItemName, useTitles } from '../versions/titles.ts';

interface Interaction {
  itemId: string;
  type: string;
  value: number | null;
  timestamp: string | null;
}

/** The newest of what is stored of a user. */
export function History({ user }: { user: string }): VNode {
  const { data, error } = useGet<Page<Interaction>>(
    `/users/${encodeURIComponent(user)}/interactions?limit=20`,
  );
  const titles = useTitles((data?.data ?? []).map(({ itemId }) => itemId));
  return html`<${Card} title="History" says="The newest first, as far as it is shown here.">
    <${Problem} error=${error} />
    <ul class="history" aria-label="History">
      ${data?.data.map(
        ({ itemId, type, value, timestamp }, i) => html`<li key=${i}>
          <span><${ItemName} id=${itemId} titles=${titles} /></span>
          <span class="faint">${type}${value === null ? '' : ` ${value}`}${timestamp !== null && html`, <${Time} at=${timestamp} />`}</span>
        </li>`,
      )}
    </ul>
    ${data?.data.length === 0 && html`<p class="faint">Nothing is known of this user.</p>`}
  <//>`;
}
