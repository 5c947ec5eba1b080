import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ExampleReport } from '../../../domain/reports/example-report.ts';
import { Card } from '../../parts/card.ts';
import { markLists } from '../versions/marks.ts';
import { ItemName, type Titles, useTitles } from '../versions/titles.ts';

/** Lists that teacher and student show to sample users, side by side, with what the student gained and lost. */
export function Examples({
  examples,
  task,
}: {
  examples: readonly ExampleReport[] | undefined;
  task: string;
}): VNode {
  return html`<${Card}
    title="What it kept"
    isWide
    says="Test users, drawn by the seed of the job, without saying who they are: the newest of their histories, and the first items of both lists."
  >
    ${
      examples && examples.length > 0
        ? html`<${ExampleUsers} examples=${examples} />`
        : html`<p class="faint">${whyNone(task)}</p>`
    }
  <//>`;
}

function whyNone(task: string): string {
  if (task === 'rating')
    return 'A model of ratings predicts them and makes no lists, so that there are no examples.';
  if (task === 'multi-label')
    return 'A model of labels decides on labels and makes no lists, so that there are no examples.';
  return 'This report has no examples: it is of an earlier release.';
}

function ExampleUsers({ examples }: { examples: readonly ExampleReport[] }): VNode {
  const [chosen, setChosen] = useState(0);
  const one = examples[Math.min(chosen, examples.length - 1)]!;
  const titles = useTitles([...one.history, ...one.teacher, ...one.student]);
  const lists = markLists(one.teacher, one.student);
  const onKey = (event: KeyboardEvent) => {
    const to = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: examples.length - 1 }[
      event.key
    ];
    if (to === undefined || to < 0 || to >= examples.length) return;
    event.preventDefault();
    setChosen(to);
    ((event.currentTarget as Element).children[to] as HTMLElement).focus();
  };
  return html`
    <div class="users" role="group" aria-label="Sample users" onKeyDown=${onKey}>
      ${examples.map((example, i) => {
        const { shared } = markLists(example.teacher, example.student);
        const text = `User ${i + 1}: ${shared}/${example.teacher.length} kept`;
        return html`<button
          key=${i}
          type="button"
          tabindex=${i === chosen ? 0 : -1}
          aria-pressed=${i === chosen}
          aria-label=${text}
          title=${text}
          onClick=${() => setChosen(i)}
        >
          ${shared}<span>/${example.teacher.length}</span>
        </button>`;
      })}
    </div>
    <div class="lists">
      <div><h3>History, the newest first</h3><${PlainList} items=${one.history} titles=${titles} /></div>
      <div>
        <h3>Teacher's list</h3>
        <ol>
          ${lists.first.map(
            ({ itemId, otherPlace }) => html`<li key=${itemId} class=${otherPlace === null ? 'lost' : ''}>
              <${ItemName} id=${itemId} titles=${titles} />
              ${otherPlace === null && html`<span class="mark">lost</span>`}
            </li>`,
          )}
        </ol>
      </div>
      <div>
        <h3>Student's list</h3>
        <ol>
          ${lists.second.map(
            (
              { itemId, otherPlace },
              i,
            ) => html`<li key=${itemId} class=${otherPlace === null ? 'gained' : ''}>
              <${ItemName} id=${itemId} titles=${titles} />
              <span class="mark">${otherPlace === null ? 'gained' : moved(otherPlace - (i + 1))}</span>
            </li>`,
          )}
        </ol>
      </div>
    </div>
    <p class="faint">The student shows ${lists.shared} of the teacher's ${one.teacher.length}.</p>
  `;
}

function PlainList({ items, titles }: { items: readonly string[]; titles: Titles }): VNode {
  if (items.length === 0) return html`<p class="faint">Empty</p>`;
  return html`<ul class="plain-list">${items.map((id) => html`<li key=${id}><${ItemName} id=${id} titles=${titles} /></li>`)}</ul>`;
}

const moved = (places: number): string =>
  places === 0 ? '' : places > 0 ? `${places} up` : `${-places} down`;
