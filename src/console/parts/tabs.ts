import { html } from 'htm/preact';
import type { VNode } from 'preact';

interface TabsProps {
  /** Name of the whole that the tabs are parts of; read out. */
  label: string;
  current: string;
  tabs: readonly { name: string; title: string; href: string }[];
}

/** Links between the parts of a page, each with an address of its own. */
export function Tabs({ label, current, tabs }: TabsProps): VNode {
  return html`<nav class="tabs" aria-label=${label}>
    ${tabs.map(
      ({ name, title, href }) =>
        html`<a key=${name} href=${href} aria-current=${name === current ? 'page' : undefined}>${title}</a>`,
    )}
  </nav>`;
}
