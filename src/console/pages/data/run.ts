import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job } from '../../../domain/jobs/job.ts';
import { useAction, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Copy } from '../../parts/copy.ts';
import { percent } from '../../parts/format.ts';
import { Problem } from '../../parts/notice.ts';
import { linkTo } from '../../router.ts';
import { ImportRun } from '../job/import-run.ts';
import { Outcome } from '../job/outcome.ts';
import { StateBadge } from '../job/state-badge.ts';
import { useStory } from '../job/use-story.ts';
import { type ImportChoice, importQuery } from './import-query.ts';
import { upload } from './upload.ts';

interface RunProps {
  file: File;
  choice: ImportChoice;
  onStored: () => void;
}

/** Buttons for the dry run and the import, how much of the file was sent, and how far the job is. */
export function Run({ file, choice, onStored }: RunProps): VNode {
  const [sent, setSent] = useState<number | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const begin = async (more: Record<string, string>) => {
    stop.current = new AbortController();
    setSent(0);
    try {
      const { id } = await upload(
        `/imports?${importQuery(choice, more)}`,
        file,
        setSent,
        stop.current.signal,
      );
      setJob(id);
    } finally {
      setSent(null);
    }
  };
  const dry = useAction(() => begin({ dryRun: 'true' }));
  const real = useAction(() => begin({}));
  const isSending = dry.isRunning || real.isRunning;
  return html`
    <${Card} isWide=${true}>
      <div class="row start">
        <button onClick=${dry.run} disabled=${isSending}>Dry run</button>
        <button class="main" onClick=${real.run} disabled=${isSending}>Import</button>
        <span class="faint">A dry run reads and checks all of the file and stores nothing.</span>
      </div>
      ${
        sent !== null &&
        html`<div class="row start">
          <progress class="meter sent" max="1" value=${sent} aria-label="Sent" />
          <span class="faint" role="status">${percent(sent, 0)} sent</span>
          <button onClick=${() => stop.current?.abort()}>Stop</button>
        </div>`
      }
      <${Problem} error=${dry.error ?? real.error} />
      <details>
        <summary>The same request</summary>
        <${Copy} method="POST" path=${`/imports?${importQuery(choice)}`} />
        <p class="faint">With the file as its body: <code>--data-binary @${file.name}</code></p>
      </details>
    <//>
    ${job !== null && html`<${Followed} key=${job} id=${job} onStored=${onStored} />`}
  `;
}

/** The import that was started, live. */
function Followed({ id, onStored }: { id: string; onStored: () => void }): VNode | null {
  const job = useGet<Job>(`/jobs/${encodeURIComponent(id)}`);
  const { story } = useStory(id, job.reload);
  const { state, spec } = job.data ?? {};
  const isStored = state === 'succeeded' && !(spec && 'dryRun' in spec && spec.dryRun);
  useEffect(() => {
    if (isStored) onStored();
  }, [isStored]);
  if (!job.data) return null;
  return html`
    <p class="wide" role="status">
      <${StateBadge} state=${job.data.state} /> <a href=${linkTo(['jobs', id])}>Open the job</a>
    </p>
    <${ImportRun} job=${job.data} progress=${story.progress} />
    <div class="wide"><${Outcome} job=${job.data} warnings=${story.warnings} /></div>
  `;
}
