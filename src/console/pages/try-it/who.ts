import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Page, useGet } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Field, type FieldInput } from '../../parts/field.ts';
import { Problem } from '../../parts/notice.ts';
import { ItemName, useTitles } from '../versions/titles.ts';
import type { Asked } from './asked.ts';

interface WhoProps {
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** A user by id, or a visitor by what they have just looked at. */
export function Who({ asked, onChange }: WhoProps): VNode {
  const [isSession, setSession] = useState(asked.user === null && asked.session.length > 0);
  const choose = (next: boolean) => {
    setSession(next);
    if (next) onChange({ user: null });
  };
  return html`<${Card} title="Who">
    <div class="switch" role="group" aria-label="Who asks">
      <button type="button" aria-pressed=${!isSession} onClick=${() => choose(false)}>A user</button>
      <button type="button" aria-pressed=${isSession} onClick=${() => choose(true)}>A made-up session</button>
    </div>
    ${isSession ? html`<${Session} asked=${asked} onChange=${onChange} />` : html`<${User} asked=${asked} onChange=${onChange} />`}
  <//>`;
}

function User({ asked, onChange }: WhoProps): VNode {
  const [id, setId] = useState(asked.user ?? '');
  const submit = (event: Event) => {
    event.preventDefault();
    onChange({ user: id.trim() || null });
  };
  const input = (own: FieldInput) => html`<input
    ...${own}
    type="text"
    autocomplete="off"
    value=${id}
    onInput=${(event: Event) => setId((event.currentTarget as HTMLInputElement).value)}
  />`;
  return html`<form class="row" onSubmit=${submit}>
    <${Field} label="Id of the user" hint="As in your interactions; Enter asks" input=${input} />
    <button type="submit" class="main">Recommend</button>
  </form>`;
}

interface Item {
  itemId: string;
  title: string | null;
}

const PAUSE_MS = 200;

function Session({ asked, onChange }: WhoProps): VNode {
  const [words, setWords] = useState('');
  const sought = useLater(words.trim(), PAUSE_MS);
  const { data, error } = useGet<Page<Item>>(
    sought === '' ? null : `/items?limit=8&hidden=false&title=${encodeURIComponent(sought)}`,
  );
  const byId = useGet<Page<Item>>(sought === '' ? null : `/items?itemId=${encodeURIComponent(sought)}`);
  const found = data && foundIn(byId.data?.data ?? [], data.data);
  const titles = useTitles(asked.session);
  const add = (id: string) =>
    onChange({ session: [...asked.session.filter((one) => one !== id), id], user: null });
  const take = (id: string) => onChange({ session: asked.session.filter((one) => one !== id) });
  const input = (own: FieldInput) => html`<input
    ...${own}
    type="search"
    autocomplete="off"
    value=${words}
    onInput=${(event: Event) => setWords((event.currentTarget as HTMLInputElement).value)}
  />`;
  return html`
    <${Field} label="Search for items by words of their titles, or by id" input=${input} />
    <${Problem} error=${error} />
    ${
      found &&
      html`<ul class="found" aria-label="Items that were found">
        ${found.map(
          ({ itemId, title }) => html`<li key=${itemId}>
            <button type="button" class="quiet" aria-label=${`${title ?? itemId}, add`} onClick=${() => add(itemId)}>${title ?? itemId}</button>
          </li>`,
        )}
      </ul>
      ${
        found.length === 0 &&
        html`<p class="faint" role="status">The catalogue has no such item, by title or by id.</p>
          <button type="button" onClick=${() => add(sought)}>Add ${sought} as an id</button>`
      }`
    }
    <h3>In the session, the newest last</h3>
    ${
      asked.session.length === 0
        ? html`<p class="faint">Nothing yet</p>`
        : html`<ol class="session" aria-label="Items of the session">
            ${asked.session.map(
              (id) => html`<li key=${id}>
                <${ItemName} id=${id} titles=${titles} />
                <button type="button" class="quiet" aria-label=${`Take out ${titles.get(id) ?? id}`} onClick=${() => take(id)}>×</button>
              </li>`,
            )}
          </ol>`
    }
  `;
}

/** Items of this very id come before those of such a title. */
function foundIn(byId: readonly Item[], byTitle: readonly Item[]): Item[] {
  const known = new Set(byId.map(({ itemId }) => itemId));
  return [...byId, ...byTitle.filter(({ itemId }) => !known.has(itemId))];
}

/** A value as it was when it had not changed for so long. */
function useLater<T>(value: T, ms: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), ms);
    return () => clearTimeout(timer);
  }, [value]);
  return later;
}
