import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiKey, keepKey } from './api.ts';
import { useConnection, useGet } from './hooks.ts';
import { KeyForm } from './key-form.ts';
import { PAGES, type PageEntry } from './pages.ts';
import { Empty } from './parts/empty.ts';
import { type Place, usePlace } from './router.ts';
import { nextTheme, theme } from './theme.ts';

const FIRST = PAGES[0]!;

/** The frame of every page: menu, a bar while the api is away, the question for a key, and the page. */
export function Shell(): VNode {
  const place = usePlace();
  const connection = useConnection();
  // Pages may begin with what is open to all: whether a key is asked for is found out at once.
  useGet('/whoami');
  const page = place.page === '' ? FIRST : PAGES.find(({ path }) => path === place.page);
  const main = useRef<HTMLElement>(null);
  const before = useRef(place.page);
  useEffect(() => {
    document.title = `${page?.title ?? 'Not found'} · Stillhouse`;
    // Who reads with the ears hears the new page, and the keyboard goes on from its top.
    if (before.current !== place.page) main.current?.focus();
    before.current = place.page;
  }, [place.page]);
  const skip = (event: Event) => {
    event.preventDefault();
    main.current?.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the page</a>
    <header class="top">
      <${Menu} current=${page?.path} />
      <div class="top-end"><${ThemeSwitch} /><${ForgetKey} /></div>
    </header>
    ${connection === 'away' && html`<div class="away" role="status">The api does not answer. Asking again…</div>`}
    <main id="main" tabindex="-1" ref=${main} aria-label=${page?.title ?? 'Not found'}>
      ${connection === 'key' ? html`<${KeyForm} />` : html`<${Content} page=${page} place=${place} />`}
    </main>
  `;
}

function Content({ page, place }: { page: PageEntry | undefined; place: Place }): VNode {
  if (!page) {
    return html`<${Empty} title="There is no such page"><a href="#/">Go to the overview</a><//>`;
  }
  return html`<${page.component} key=${page.path} ...${place} />`;
}

function Menu({ current }: { current: string | undefined }): VNode {
  return html`<nav aria-label="Pages">
    <a class="brand" href="#/" aria-label="Stillhouse, overview">Stillhouse</a>
    <ul>
      ${PAGES.filter(({ isHidden }) => !isHidden).map(
        ({ path, title, icon }) => html`<li key=${path}>
          <a href=${`#/${path}`} aria-current=${path === current ? 'page' : undefined}>
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=${icon} /></svg>${title}
          </a>
        </li>`,
      )}
    </ul>
  </nav>`;
}

function ThemeSwitch(): VNode {
  const [shown, setShown] = useState(theme);
  return html`<button class="quiet" onClick=${() => setShown(nextTheme())} title="Colours: as the system, light, dark">
    ${{ auto: 'Auto', light: 'Light', dark: 'Dark' }[shown]}
    <span class="unseen"> colours, change</span>
  </button>`;
}

function ForgetKey(): VNode | null {
  // Shown again when a key was given.
  useConnection();
  if (apiKey() === null) return null;
  return html`<button class="quiet" onClick=${() => keepKey(null)}>Forget the key</button>`;
}
