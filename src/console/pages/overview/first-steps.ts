import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { get, send } from '../../api.ts';
import { useAction, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Problem } from '../../parts/notice.ts';
import type { Answered, Queue, Ready } from './shapes.ts';

interface Item {
  itemId: string;
  title?: string;
}

interface FirstStepsProps {
  /** Versions that answer; null until they are known. */
  live: Ready['models'] | null;
  queue: Queue | null;
  answered: Answered | null;
}

/** From an empty service to a first recommendation. Gone when all of it is done, which is found out from what there is. */
export function FirstSteps({ live, queue, answered }: FirstStepsProps): VNode | null {
  const [list, setList] = useState<{ liked: Item[]; items: Item[] } | null>(null);
  const ask = useAction(async () => {
    const { items: liked } = await get<{ items: Item[] }>('/popular?k=2');
    const interactions = liked.map(({ itemId }) => ({ itemId }));
    const { body } = await send<{ items: Item[] }>('POST', '/recommend', { json: { interactions, k: 5 } });
    setList({ liked, items: body.items });
  });
  const isLive = live !== null && live.length > 0;
  const hasAnswered = answered?.data.some(({ source }) => source === 'student') ?? false;
  // What is live has had its data; statistics of a large installation take a while.
  const stats = useGet<{ interactions: { total: number } }>(isLive ? null : '/stats');
  if (!live || !queue || !answered || (!isLive && !stats.data)) return null;
  // Whoever just did the last step sees what came of it.
  if (isLive && hasAnswered && list === null) return null;
  const hasData = isLive || stats.data!.interactions.total > 0;
  const runs = queue.jobs.queued + queue.jobs.running;
  return html`<${Card} title="First steps" isWide>
    <ol class="steps">
      <${Step} isDone=${queue.workers.length > 0} title="A worker is there to run jobs">
        Start one with <code>node dist/bin/stillhouse.js</code>, which is api and worker in one, or
        ${' '}<code>node dist/bin/worker.js</code>.
      <//>
      <${Step} isDone=${hasData} title="Interactions are stored">
        <a href="#/data">Drop a file</a>, or post events to <code>/interactions</code>.
      <//>
      <${Step} isDone=${isLive} title="A model is trained and live">
        ${runs > 0 ? html`<a href="#/jobs">${runs} on their way</a>` : html`<a href="#/new-job">Start a job</a>; its defaults fit the data.`}
      <//>
      <${Step} isDone=${hasAnswered || list !== null} title="A first recommendation">
        ${isLive ? html`<button class="main" disabled=${ask.isRunning} onClick=${ask.run}>Ask for one</button>` : 'Comes when a model is live.'}
      <//>
    </ol>
    <${Problem} error=${ask.error} />
    ${
      list &&
      html`<p>
        A visitor who has just clicked ${namesOf(list.liked)} is shown: <b>${namesOf(list.items)}</b>.${' '}
        <a href="#/try">Try others</a>
      </p>`
    }
  <//>`;
}

function Step({
  isDone,
  title,
  children,
}: {
  isDone: boolean;
  title: string;
  children?: ComponentChildren;
}): VNode {
  return html`<li class=${isDone ? 'step-done' : ''}>
    <svg class="step-mark" viewBox="0 0 16 16" role="img" aria-label=${isDone ? 'done' : 'to do'}>
      <circle cx="8" cy="8" r="7" />
      ${isDone && html`<path d="M4.5 8.2l2.5 2.5 4.5-5" />`}
    </svg>
    <b>${title}</b>
    ${!isDone && html`<span>${children}</span>`}
  </li>`;
}

const namesOf = (items: readonly Item[]): string =>
  items.map(({ title, itemId }) => title ?? itemId).join(', ');
