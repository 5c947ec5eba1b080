import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Job } from '../../../domain/jobs/job.ts';
import { send } from '../../api.ts';
import { useAction, useSend } from '../../hooks.ts';
import { Confirm } from '../../parts/confirm.ts';
import { go, linkTo } from '../../router.ts';
import { jobName } from './state-badge.ts';

/** Buttons of a job: cancel it, run it again, start another like it. */
export function Actions({ job, reload }: { job: Job; reload: () => void }): VNode {
  const isDistillation = job.type === 'distillation';
  const isEnded = job.state === 'failed' || job.state === 'cancelled';
  return html`
    ${isDistillation && html`<a class="button" href=${linkTo(['new-job'], { from: job.id })}>Another like it</a>`}
    ${isDistillation && isEnded && html`<${Retry} id=${job.id} />`}
    ${(job.state === 'queued' || job.state === 'running') && html`<${Cancel} job=${job} onDone=${reload} />`}
  `;
}

function Cancel({ job, onDone }: { job: Job; onDone: () => void }): VNode {
  const [isOpen, setOpen] = useState(false);
  const action = useSend('POST', `/jobs/${encodeURIComponent(job.id)}/cancel`);
  return html`
    <button class="danger" onClick=${() => setOpen(true)}>Cancel the job</button>
    <${Confirm}
      isOpen=${isOpen}
      title=${`Cancel ${jobName(job)}?`}
      verb="Cancel the job"
      isDanger=${true}
      action=${action}
      onClose=${() => setOpen(false)}
      onDone=${onDone}
    >
      <p>${job.type === 'import' ? 'What was stored so far stays.' : 'Its checkpoints stay: run again, it goes on from the last one.'}</p>
    <//>
  `;
}

function Retry({ id }: { id: string }): VNode {
  const [isOpen, setOpen] = useState(false);
  const action = useAction(async () => {
    const { body } = await send<Job>('POST', `/jobs/${encodeURIComponent(id)}/retry`);
    go(linkTo(['jobs', body.id]));
  });
  return html`
    <button class="main" onClick=${() => setOpen(true)}>Run again</button>
    <${Confirm}
      isOpen=${isOpen}
      title="Run it again?"
      verb="Run again"
      action=${action}
      onClose=${() => setOpen(false)}
    >
      <p>A new job with the same request goes on from the last checkpoint, where the data are still the same.</p>
    <//>
  `;
}
