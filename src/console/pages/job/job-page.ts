import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import type { Job } from '../../../domain/jobs/job.ts';
import { useEvery, useGet } from '../../hooks.ts';
import { Card, Facts, Figure, PageTop } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { Loading } from '../../parts/empty.ts';
import { duration, percent, roughly, whole } from '../../parts/format.ts';
import { Problem } from '../../parts/notice.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';
import { Actions } from './actions.ts';
import { Curves } from './curves.ts';
import { FINISHED } from './finished.ts';
import { Flow } from './flow.ts';
import { ImportRun } from './import-run.ts';
import { Log } from './log.ts';
import { Outcome } from './outcome.ts';
import { Settings } from './settings.ts';
import { hasSiblings, Siblings } from './siblings.ts';
import { stagesOf } from './stages.ts';
import { jobName, StateBadge, secondsOf } from './state-badge.ts';
import type { Story } from './story.ts';
import { useStory } from './use-story.ts';

/** A job: how far it is, live, what came of it, and what it was asked. */
export function JobPage({ id }: { id: string }): VNode {
  const job = useGet<Job>(`/jobs/${encodeURIComponent(id)}`);
  const { story, error } = useStory(id, job.reload);
  if (job.data === null) return job.error ? html`<${Problem} error=${job.error} />` : html`<${Loading} />`;
  const { data } = job;
  return html`
    <${PageTop} title=${jobName(data)} says=${html`<${Says} job=${data} />`}>
      <${Actions} job=${data} reload=${job.reload} />
    <//>
    <div class="cards">
      <${Problem} error=${error ?? job.error} />
      <${Course} job=${data} story=${story} />
      ${
        data.type === 'import'
          ? html`<${ImportRun} job=${data} progress=${story.progress} />`
          : html`<${Curves} story=${story} />`
      }
      <${Memory} story=${story} />
      ${hasSiblings(data) && html`<${Siblings} id=${id} />`}
      ${data.type === 'distillation' ? html`<${Settings} job=${data} />` : html`<${FileOf} job=${data} />`}
      <${Log} key=${data.state} id=${id} isRunning=${!FINISHED.includes(data.state)} />
    </div>
  `;
}

function Says({ job }: { job: Job }): VNode {
  const { state, id, retriedFrom, scheduleId, leader } = job;
  return html`<${StateBadge} state=${state} /> <code>${id}</code>
    ${retriedFrom && html` · again after <a href=${linkTo(['jobs', retriedFrom])}>an earlier one</a>`}
    ${leader && html` · its teacher is trained by <a href=${linkTo(['jobs', leader])}>another job</a>`}
    ${scheduleId && html` · by a schedule`}`;
}

/** Figures, stages and outcome; shown anew every second while the job runs. */
function Course({ job, story }: { job: Job; story: Story }): VNode {
  const [, setNow] = useState(0);
  const isOver = FINISHED.includes(job.state);
  useEvery(
    isOver ? undefined : 1000,
    useCallback(() => setNow((n) => n + 1), []),
  );
  const now = Date.now();
  const progress = story.progress ?? job.progress;
  const planned = job.plan?.expected.stages ?? [];
  const stages = stagesOf(story, { state: job.state, planned, now });
  const { etaSeconds, fraction, rssMiB, device } = progress ?? {};
  const expected = job.plan?.expected.memoryMiB;
  const peak = story.memory.reduce((most, [, mib]) => Math.max(most, mib), 0);
  return html`
    <${Card} isWide=${true}>
      <div class="figures">
        <${Figure} name="done" value=${percent(job.state === 'succeeded' ? 1 : (fraction ?? 0), 0)} />
        <${Figure} name=${isOver ? 'took' : 'runs for'} value=${duration(secondsOf(job, now))}>
          ${job.plan?.expected.seconds && html`planned ${duration(job.plan.expected.seconds)}`}
        <//>
        ${!isOver && html`<${Figure} name="time left" value=${etaSeconds === undefined ? '–' : roughly(etaSeconds)} />`}
        ${
          rssMiB !== undefined &&
          html`<${Figure} name=${isOver ? 'memory at its greatest' : 'memory'} value=${`${whole(isOver ? peak : rssMiB)} MiB`}>
          ${expected != null && html`planned ${whole(expected)} MiB`}
        <//>`
        }
        ${device && html`<${Figure} name="device" value=${device} />`}
        ${job.attempts > 1 && html`<${Figure} name="attempts" value=${job.attempts} />`}
        <${Figure} name="asked" value=${html`<${Time} at=${job.createdAt} />`} />
      </div>
      ${stages.length > 0 && html`<${Flow} stages=${stages} />`}
      ${job.state === 'queued' && html`<p class="faint">It waits for a worker. <a href="#/operate">Who is there</a></p>`}
    <//>
    <div class="wide"><${Outcome} job=${job} warnings=${story.warnings} /></div>
  `;
}

function Memory({ story: { memory } }: { story: Story }): VNode | null {
  if (memory.length < 2) return null;
  return html`<${Card} title="Memory of the trainer" isWide=${true}>
    <${Chart}
      label="Memory of the trainer in MiB"
      x=${memory.map(([time]) => time)}
      xKind="time"
      curves=${[{ label: 'MiB', values: memory.map(([, mib]) => mib) }]}
      height=${120}
    />
  <//>`;
}

/** How an import reads its file, as it was asked. */
function FileOf({ job: { spec } }: { job: Job }): VNode {
  const { type: _type, file: _file, ...asked } = spec as Record<string, unknown>;
  const rows = Object.entries(asked).map(([name, value]) => [
    name,
    html`<code class="value">${typeof value === 'string' ? value : JSON.stringify(value)}</code>`,
  ]);
  return html`<${Card} title="As asked" isWide=${true}><${Facts} rows=${rows} /><//>`;
}
