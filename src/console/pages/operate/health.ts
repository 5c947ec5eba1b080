import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Loading } from '../../parts/empty.ts';
import { bytes, counted, duration } from '../../parts/format.ts';
import { Badge, Notice, Problem, type Tone, WORDS } from '../../parts/notice.ts';
import type { Queue, Ready } from '../overview/shapes.ts';

interface Check {
  name: string;
  tone: Tone;
  says: string;
}

/** A wait above it is worth a look. */
const LONG_WAIT_SECONDS = 600;

/** Card that says in a sentence each what works and what does not. */
export function Health(): VNode {
  const ready = useGet<Ready>('/health/ready', 5_000);
  const queue = useGet<Queue>('/queue', 5_000);
  const isKnown = ready.data !== null && queue.data !== null;
  return html`<div class="stack">
    <${Problem} error=${ready.error} />
    <${Problem} error=${queue.error} />
    ${ready.data?.warnings.map((warning) => html`<${Notice} key=${warning} tone="warn">${warning}<//>`)}
    <${Card} title="Health">
      ${!isKnown && !ready.error && !queue.error && html`<${Loading} />`}
      ${
        isKnown &&
        checksOf(ready.data!, queue.data!).map(
          ({ name, tone, says }) => html`<div key=${name} class="check">
            <${Badge} tone=${tone}>${WORDS[tone]}<//><b>${name}</b><span>${says}</span>
          </div>`,
        )
      }
    <//>
  </div>`;
}

/** Findings in plain words, from what the api says of itself and of the queue. */
function checksOf(ready: Ready, queue: Queue): Check[] {
  const { models, disk } = ready;
  const { jobs, workers, oldestWaiting } = queue;
  const waited = oldestWaiting?.waitedSeconds ?? 0;
  const low = disk !== undefined && disk.freeBytes < disk.leastBytes;
  return [
    { name: 'Database', tone: 'good', says: 'It answers.' },
    {
      name: 'Models',
      tone: models.length > 0 ? 'good' : 'info',
      says:
        models.length > 0
          ? `This api serves ${models.map(({ model, version }) => `${model} version ${version}`).join(', ')}.`
          : 'No model is live: popularity answers.',
    },
    {
      name: 'Queue',
      tone: queue.available ? 'good' : 'bad',
      says: queue.available
        ? 'It takes jobs.'
        : 'Redis does not answer: no job can be started or cancelled. Recommendations go on.',
    },
    {
      name: 'Workers',
      tone: workers.length > 0 ? 'good' : 'bad',
      says:
        workers.length > 0
          ? `${counted(workers.length, 'worker')}, room for ${counted(roomOf(queue), 'job')} at a time, ${jobs.running} running.`
          : 'None was heard of within the last half minute: no job will start.',
    },
    {
      name: 'Waiting',
      tone: waited > LONG_WAIT_SECONDS ? 'warn' : 'good',
      says: oldestWaiting
        ? `${counted(jobs.queued, 'job')}; the first has waited ${duration(waited)}.`
        : 'No job waits for a worker.',
    },
    ...(disk
      ? [
          {
            name: 'Disk',
            tone: (low ? 'bad' : 'good') as Tone,
            says: `${bytes(disk.freeBytes)} are free. Imports and trainings need ${bytes(disk.leastBytes)} of room${low ? ' and are refused' : ''}.`,
          },
        ]
      : []),
  ];
}

const roomOf = ({ workers }: Queue) => workers.reduce((sum, { concurrency }) => sum + concurrency, 0);
