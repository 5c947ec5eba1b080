import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Schedule } from '../../../domain/jobs/schedule.ts';
import { send } from '../../api.ts';
import { useAction, useSend } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Empty } from '../../parts/empty.ts';
import { whole } from '../../parts/format.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { PagedTable } from '../../parts/paged-table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';

const pathOf = (id: string) => `/schedules/${encodeURIComponent(id)}`;

/** Jobs that start again and again: what is next, why one did not start, pause and delete. */
export function Schedules(): VNode {
  const [round, setRound] = useState(0);
  const [doomed, setDoomed] = useState<Schedule | null>(null);
  const again = () => setRound(round + 1);
  const deletion = useSend('DELETE', doomed ? pathOf(doomed.id) : '');
  return html`<${Card} title="Schedules">
    <${PagedTable}
      key=${round}
      label="Schedules"
      path="/schedules"
      everyMs=${15_000}
      keyOf=${({ id }: Schedule) => id}
      empty=${html`<${Empty} title="No job starts by itself">
        <p>POST /schedules with a job and a time, such as every night at three.</p>
      <//>`}
      columns=${[
        { title: 'Schedule', kind: 'main', of: (one: Schedule) => html`<${Name} schedule=${one} />` },
        { title: 'When', of: (one: Schedule) => when(one) },
        {
          title: 'Next',
          of: (one: Schedule) =>
            one.paused ? html`<${Badge} tone="quiet">paused<//>` : html`<${Time} at=${one.nextRunAt} />`,
        },
        { title: 'Last', of: (one: Schedule) => html`<${Last} schedule=${one} />` },
        {
          title: '',
          of: (one: Schedule) => html`<span class="row">
            <${Pause} schedule=${one} onDone=${again} />
            <button aria-label=${`Delete ${nameOf(one)}`} onClick=${() => setDoomed(one)}>Delete</button>
          </span>`,
        },
      ]}
    />
    <${Confirm}
      isOpen=${doomed !== null}
      title=${`Delete ${doomed ? nameOf(doomed) : ''}?`}
      verb="Delete"
      isDanger=${true}
      action=${deletion}
      onClose=${() => setDoomed(null)}
      onDone=${again}
    >
      <p>Its jobs and versions stay. It starts nothing any more.</p>
    <//>
  <//>`;
}

const nameOf = ({ name, job }: Schedule) => name ?? `training of ${job.model}`;

function Name({ schedule }: { schedule: Schedule }): VNode {
  return html`${nameOf(schedule)} <span class="faint">${schedule.job.model}</span>`;
}

function when({ cron, timeZone, afterInteractions }: Schedule): VNode {
  if (cron !== null)
    return html`<span><code>${cron}</code> <span class="faint">${timeZone ?? 'UTC'}</span></span>`;
  return html`<span>after ${whole(afterInteractions)} new interactions</span>`;
}

function Last({ schedule: { lastRun, lastSkip } }: { schedule: Schedule }): VNode {
  // A later skip is what somebody has to see.
  if (lastSkip && (!lastRun || lastSkip.at > lastRun.at)) {
    return html`<${Notice} tone="warn">Skipped <${Time} at=${lastSkip.at} />: ${lastSkip.reason}<//>`;
  }
  if (!lastRun) return html`<span class="faint">never</span>`;
  return html`<a href=${linkTo(['jobs', lastRun.jobId])}><${Time} at=${lastRun.at} /></a>`;
}

function Pause({ schedule, onDone }: { schedule: Schedule; onDone: () => void }): VNode {
  const { id, paused } = schedule;
  const action = useAction(async () => {
    await send('PATCH', pathOf(id), { json: { paused: !paused } });
    onDone();
  });
  const verb = paused ? 'Resume' : 'Pause';
  return html`<span>
    <button aria-label=${`${verb} ${nameOf(schedule)}`} disabled=${action.isRunning} onClick=${action.run}>${verb}</button>
    <${Problem} error=${action.error} />
  </span>`;
}
