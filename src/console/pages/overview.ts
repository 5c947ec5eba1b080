import './overview/overview.css';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { DefaultModels } from '../../domain/answers/default-model.ts';
import type { Model } from '../../domain/answers/model.ts';
import { type Page, useGet } from '../hooks.ts';
import { Card, Facts, Figure, PageTop } from '../parts/card.ts';
import { Loading } from '../parts/empty.ts';
import { bytes, counted, duration, whole } from '../parts/format.ts';
import { Notice, Problem } from '../parts/notice.ts';
import { Answers } from './overview/answers.ts';
import { FirstSteps } from './overview/first-steps.ts';
import { Lately } from './overview/lately.ts';
import { LiveModel } from './overview/live-model.ts';
import { liveOf } from './overview/live-of.ts';
import type { Answered, Queue, Ready } from './overview/shapes.ts';

const OFTEN_MS = 10_000;
/** Versions by model among which the one that stands in for a refused one is looked for. */
const NEWEST = 20;

/** Which models are live and what they keep, whether all is well, and for who is new here what to do first. */
export function Overview(): VNode {
  const ready = useGet<Ready>('/health/ready', OFTEN_MS);
  const models = useGet<Page<Model>>(`/models?limit=1000&versions=${NEWEST}`, OFTEN_MS);
  const queue = useGet<Queue>('/queue', OFTEN_MS);
  const answered = useGet<Answered>('/answers', OFTEN_MS);
  const defaults = useGet<DefaultModels>('/default-model');
  const warnings = [...(ready.data?.warnings ?? []), ...(defaults.data?.warnings ?? [])];
  const live = ready.data && models.data && liveOf(models.data.data, ready.data.models);
  return html`
    <${PageTop} title="Overview" says=${live && sentenceOf(live.length, warnings.length)} />
    <div class="stack">
      ${[ready, models, queue, answered, defaults].map(({ error }) => html`<${Problem} error=${error} />`)}
      ${warnings.map((warning) => html`<${Notice} key=${warning} tone="warn">${warning}<//>`)}
      <${FirstSteps} live=${live} queue=${queue.data} answered=${answered.data} />
      <div class="cards">
        ${!live && !ready.error && !models.error && html`<${Loading} />`}
        ${live?.map(({ model, version }) => {
          const isDefault = defaults.data?.recommend.model === model;
          return html`<${LiveModel} key=${model} model=${model} version=${version} isDefault=${isDefault} />`;
        })}
        <${Answers} answered=${answered.data} />
        <${Load} ready=${ready.data} queue=${queue.data} />
        <${Lately} />
      </div>
    </div>
  `;
}

function sentenceOf(models: number, warnings: number): string {
  const live =
    models === 0
      ? 'No model is live yet.'
      : `${counted(models, 'model')} ${models === 1 ? 'is' : 'are'} live.`;
  return `${live} ${warnings === 0 ? 'All is well.' : `${counted(warnings, 'warning')}, below.`}`;
}

/** Queue and disk. */
function Load({ ready, queue }: { ready: Ready | null; queue: Queue | null }): VNode {
  if (!queue) return html`<${Card} title="Jobs and disk"><${Loading} /><//>`;
  const { jobs, workers, oldestWaiting, delayed } = queue;
  const disk = ready?.disk;
  return html`<${Card} title="Jobs and disk" aside=${html`<a href="#/jobs">All jobs</a>`}>
    <div class="figures">
      <${Figure} name="Running" value=${whole(jobs.running + jobs.cancelling)} />
      <${Figure} name="Waiting" value=${whole(jobs.queued)}>
        ${delayed > 0 && `${whole(delayed)} of them for their time`}
      <//>
      <${Figure} name="Failed so far" value=${whole(jobs.failed)} />
    </div>
    <${Facts}
      rows=${[
        ['Longest wait', oldestWaiting ? duration(oldestWaiting.waitedSeconds) : 'nobody waits'],
        ['Workers', workers.length === 0 ? 'none: no job will start' : counted(workers.length, 'worker')],
        ['Queue', queue.available ? 'answers' : 'away: no new jobs; recommendations go on'],
        ['Free disk', disk && `${bytes(disk.freeBytes)}; imports stop at ${bytes(disk.leastBytes)}`],
      ]}
    />
  <//>`;
}
