import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Job, JobProgress, JobState } from '../../domain/jobs/job.ts';
import { useGet } from '../hooks.ts';
import { PageTop } from '../parts/card.ts';
import { Empty } from '../parts/empty.ts';
import { Choice } from '../parts/field.ts';
import { counted, duration, percent, whole } from '../parts/format.ts';
import { PagedTable } from '../parts/paged-table.ts';
import type { Column } from '../parts/table.ts';
import { Time } from '../parts/time.ts';
import { linkTo, type Place, setQuery } from '../router.ts';
import { JobPage } from './job/job-page.ts';
import { stageTitle } from './job/stages.ts';
import { jobName, reportLink, StateBadge, secondsOf } from './job/state-badge.ts';
import './work.css';

const STATES: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelling', 'cancelled'];
const EVERY_MS = 4000;

/** The list of jobs, or one of them where the address names it. */
export function Jobs({ rest: [id], query }: Place): VNode {
  return id === undefined ? html`<${JobList} query=${query} />` : html`<${JobPage} key=${id} id=${id} />`;
}

const COLUMNS: readonly Column<Job>[] = [
  { title: 'Job', kind: 'main', of: jobName },
  { title: 'State', of: ({ state }) => html`<${StateBadge} state=${state} />` },
  { title: 'How far', of: howFar },
  {
    title: 'Began',
    isExtra: true,
    of: ({ startedAt, createdAt }) => html`<${Time} at=${startedAt ?? createdAt} />`,
  },
  { title: 'Took', kind: 'number', isExtra: true, of: (job) => duration(secondsOf(job, Date.now())) },
  { title: 'Result', of: outcomeOf },
];

function JobList({ query }: Pick<Place, 'query'>): VNode {
  const models = useGet<{ data: { name: string }[] }>('/models?limit=200');
  const asked = ['state', 'type', 'model'].flatMap((name) => {
    const value = query.get(name);
    return value ? [`${name}=${encodeURIComponent(value)}`] : [];
  });
  const names = (models.data?.data ?? []).map(({ name }) => name);
  const model = query.get('model') ?? '';
  const known = model === '' || names.includes(model) ? names : [model, ...names];
  const filter = (name: string) => (value: string) => setQuery({ [name]: value });
  return html`
    <${PageTop} title="Jobs" says="Distillations and imports, the newest first.">
      <a class="button main" href="#/new-job">New job</a>
    <//>
    <div class="row filters">
      <${Choice}
        label="State"
        value=${query.get('state') ?? ''}
        options=${[['', 'all'], ...STATES.map((one) => [one, one])]}
        onChange=${filter('state')}
      />
      <${Choice}
        label="Type"
        value=${query.get('type') ?? ''}
        options=${[['', 'all'], ['distillation', 'distillations'], ['import', 'imports']]}
        onChange=${filter('type')}
      />
      <${Choice}
        label="Model"
        value=${model}
        options=${[['', 'all'], ...known.map((one) => [one, one])]}
        onChange=${filter('model')}
      />
    </div>
    <section class="card">
      <${PagedTable}
        label="Jobs"
        path=${`/jobs${asked.length > 0 ? `?${asked.join('&')}` : ''}`}
        columns=${COLUMNS}
        keyOf=${(job: Job) => job.id}
        hrefOf=${(job: Job) => linkTo(['jobs', job.id])}
        everyMs=${EVERY_MS}
        empty=${html`<${NoJobs} isFiltered=${asked.length > 0} />`}
      />
    </section>
  `;
}

function NoJobs({ isFiltered }: { isFiltered: boolean }): VNode {
  if (isFiltered) return html`<${Empty} title="No job is like this"><a href="#/jobs">Show all jobs</a><//>`;
  return html`<${Empty} title="No job yet">
    <p>Bring in <a href="#/data">data</a>, then start a <a href="#/new-job">distillation</a>.</p>
  <//>`;
}

function howFar({ state, progress }: Job): VNode | string {
  if (state !== 'running' && state !== 'cancelling') return '';
  if (!progress) return 'starts';
  return html`<${Meter} progress=${progress} />`;
}

function Meter({ progress }: { progress: JobProgress }): VNode {
  const { stage, fraction, etaSeconds } = progress;
  const left = etaSeconds === undefined ? '' : `, ${duration(etaSeconds)} left`;
  return html`<div class="how-far">
    <progress class="meter" max="1" value=${fraction} aria-label=${`${percent(fraction, 0)} done`} />
    <span class="faint">${stageTitle(stage)}, ${percent(fraction, 0)}${left}</span>
  </div>`;
}

function outcomeOf({ model, result, problem }: Job): VNode | string {
  if (problem) return html`<span class="faint clipped">${problem.detail ?? problem.title}</span>`;
  if (!result) return '';
  if ('version' in result && model !== null)
    return html`<a href=${reportLink(model, result.version)}>version ${result.version}</a>`;
  if ('accepted' in result)
    return `${counted(result.accepted, 'row')}${result.rejected > 0 ? `, ${whole(result.rejected)} refused` : ''}`;
  return '';
}
