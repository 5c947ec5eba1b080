import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { JobLogLine } from '../../../domain/jobs/job.ts';
import { type ApiError, get } from '../../api.ts';
import { asApiError, type Page, useEvery } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Empty } from '../../parts/empty.ts';
import { Problem } from '../../parts/notice.ts';

const LINES = 200;
const EVERY_MS = 2000;
/** Lines that are held; older ones go as newer ones come. */
const MOST_LINES = 2000;

/** Lines that workers and trainers of a job printed, followed while it runs. It is asked for when somebody opens it. */
export function Log({ id, isRunning }: { id: string; isRunning: boolean }): VNode {
  const [isOpen, setOpen] = useState(false);
  const onToggle = (event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open);
  return html`<${Card} isWide=${true}>
    <details onToggle=${onToggle}>
      <summary><h2>Log</h2></summary>
      ${isOpen && html`<${Lines} id=${id} isRunning=${isRunning} />`}
    </details>
  <//>`;
}

function Lines({ id, isRunning }: { id: string; isRunning: boolean }): VNode {
  const [lines, setLines] = useState<JobLogLine[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const [isMore, setMore] = useState(false);
  const last = lines.at(-1)?.seq ?? 0;
  const read = useCallback(async () => {
    try {
      const path = `/jobs/${encodeURIComponent(id)}/logs?limit=${LINES}&cursor=${last}`;
      const { data, nextCursor } = await get<Page<JobLogLine>>(path);
      setMore(nextCursor !== null);
      setError(null);
      if (data.length > 0) setLines((known) => withoutTwice([...known, ...data]).slice(-MOST_LINES));
    } catch (thrown) {
      setError(asApiError(thrown));
    }
  }, [id, last]);
  useEffect(() => {
    read().catch(() => undefined);
  }, [id, isRunning]);
  useEvery(isRunning ? EVERY_MS : undefined, read);
  if (error) return html`<${Problem} error=${error} />`;
  if (lines.length === 0) return html`<${Empty} title="Nothing was printed yet" />`;
  return html`
    <div class="log" tabindex="0" role="log" aria-label="Log of the job">
      ${lines.map(
        ({ seq, at, level, message }) => html`<div key=${seq} class=${`log-line ${level}`}>
          <time dateTime=${at}>${at.slice(11, 19)}</time><span>${level}</span><code>${message}</code>
        </div>`,
      )}
    </div>
    ${isMore && html`<button onClick=${read}>Further lines</button>`}
  `;
}

/** A line that two requests brought is there once. */
function withoutTwice(lines: readonly JobLogLine[]): JobLogLine[] {
  return lines.filter(({ seq }, i) => i === 0 || seq > lines[i - 1]!.seq);
}
