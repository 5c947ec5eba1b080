import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, get } from '../../api.ts';
import { asApiError, type Page } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { counted, whole } from '../../parts/format.ts';
import { Problem } from '../../parts/notice.ts';
import { groupRejects, type Reject, type RejectGroup, rejectsAsCsv } from '../data/group-rejects.ts';
import { saveAs } from '../data/save-as.ts';

/** Bad lines that are read to be sorted; an installation keeps 10,000 of an import unless its settings say otherwise. */
const MOST_READ = 10_000;
const A_PAGE = 1000;
/** Lines of one reason that are shown at once. */
const SHOWN = 50;

/**
 * The bad lines of an import by reason.
 * @param rejected all of them, of which some may not be kept
 */
export function Rejects({ id, rejected }: { id: string; rejected: number }): VNode | null {
  const { rejects, error } = useRejects(id, rejected);
  if (rejected === 0) return null;
  const save = () => saveAs(`rejects-${id}.csv`, 'text/csv', rejectsAsCsv(rejects ?? []));
  const button = html`<button onClick=${save} disabled=${!rejects}>Download as CSV</button>`;
  return html`<${Card} title=${`${counted(rejected, 'line')} refused`} aside=${button} isWide=${true}>
    <${Problem} error=${error} />
    ${!rejects && !error && html`<${Loading} />`}
    ${rejects && rejects.length < rejected && html`<p class="faint">${whole(rejects.length)} of them are kept and sorted here.</p>`}
    ${groupRejects(rejects ?? []).map((group) => html`<${Group} key=${group.reason} group=${group} />`)}
  <//>`;
}

function Group({ group: { reason, count, lines } }: { group: RejectGroup }): VNode {
  const [shown, setShown] = useState(SHOWN);
  return html`<details class="reject">
    <summary><b>${whole(count)}</b> ${reason}</summary>
    <div class="table" tabindex="0" role="region" aria-label=${`Lines: ${reason}`}>
      <table>
        <thead><tr><th scope="col" class="number">Line</th><th scope="col">Text</th><th scope="col">Reason</th></tr></thead>
        <tbody>
          ${lines.slice(0, shown).map(
            (one) => html`<tr key=${one.line}>
              <td class="number">${whole(one.line)}</td><td><code class="value">${one.text}</code></td><td>${one.reason}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${lines.length > shown && html`<button onClick=${() => setShown(shown + 10 * SHOWN)}>Further lines</button>`}
  </details>`;
}

/** Read once the import has refused something, and again when it has refused more. */
function useRejects(id: string, rejected: number): { rejects: Reject[] | null; error: ApiError | null } {
  const [rejects, setRejects] = useState<Reject[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (rejected === 0) return;
    const control = new AbortController();
    readAll(id, control.signal).then(
      (all) => {
        setRejects(all);
        setError(null);
      },
      (thrown) => {
        if (!control.signal.aborted) setError(asApiError(thrown));
      },
    );
    return () => control.abort();
  }, [id, rejected]);
  return { rejects, error };
}

async function readAll(id: string, signal: AbortSignal): Promise<Reject[]> {
  const all: Reject[] = [];
  let cursor: string | null = '';
  while (cursor !== null && all.length < MOST_READ) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Reject> = await get(
      `/jobs/${encodeURIComponent(id)}/rejects?limit=${A_PAGE}${from}`,
      signal,
    );
    all.push(...page.data);
    cursor = page.nextCursor;
  }
  return all;
}
