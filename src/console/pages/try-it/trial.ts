import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { Card } from '../../parts/card.ts';
import { Copy } from '../../parts/copy.ts';
import { Empty } from '../../parts/empty.ts';
import { linkTo, parseHash } from '../../router.ts';
import { type Asked, askedIn, queryOf, requestOf } from './asked.ts';
import { History } from './history.ts';
import { List } from './list.ts';
import { Options } from './options.ts';
import { useAnswer } from './use-answer.ts';
import { Who } from './who.ts';

/** Who asks, with which options, and the lists that come back. */
export function Trial({ model, query }: { model: string; query: URLSearchParams }): VNode {
  const asked = askedIn(query);
  const change = (part: Partial<Asked>) => replacePlace(model, queryOf({ ...asked, ...part }));
  const first = requestOf(model, asked, asked.version);
  const second = asked.beside === null ? null : requestOf(model, asked, asked.beside);
  const firstAnswer = useAnswer(first);
  const secondAnswer = useAnswer(second);
  return html`<div class="try">
    <div class="try-asks">
      <${Who} asked=${asked} onChange=${change} />
      <${Options} model=${model} asked=${asked} onChange=${change} />
    </div>
    <div class="try-answers">
      ${
        first === null
          ? html`<${Empty} title="Name a user, or search for items that a visitor has just looked at" />`
          : html`
              <div class=${second ? 'side-by-side' : ''}>
                <${List} title=${titleOf(asked.version)} answer=${firstAnswer} other=${second && secondAnswer} isExplained=${asked.explain} />
                ${second && html`<${List} title=${titleOf(asked.beside)} answer=${secondAnswer} other=${firstAnswer} isExplained=${asked.explain} />`}
              </div>
              ${asked.user !== null && html`<${History} user=${asked.user} />`}
              <${Card} title="The same from your code">
                <${Copy} method=${first.method} path=${first.path} json=${first.json} />
              <//>
            `
      }
    </div>
  </div>`;
}

const titleOf = (version: string | null): string =>
  version === null || version === 'live'
    ? 'The version that is live'
    : /^\d+$/.test(version)
      ? `Version ${version}`
      : version;

/** Changes the address without an entry in the browser's history. */
function replacePlace(model: string, query: URLSearchParams): void {
  const { page } = parseHash(location.hash);
  const text = query.toString();
  history.replaceState(null, '', `${linkTo([page, model])}${text && `?${text}`}`);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
