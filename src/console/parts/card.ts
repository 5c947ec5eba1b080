import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

interface CardProps {
  title?: ComponentChildren;
  /** Beside the title, such as a link or a button. */
  aside?: ComponentChildren;
  /** A sentence below the title. */
  says?: ComponentChildren;
  children?: ComponentChildren;
  /** True: as wide as the page. */
  isWide?: boolean;
}

/** A part of a page with a heading of its own. */
export function Card({ title, aside, says, children, isWide }: CardProps): VNode {
  return html`<section class=${`card${isWide ? ' wide' : ''}`}>
    ${(title || aside) && html`<div class="card-top"><h2>${title}</h2><div class="card-aside">${aside}</div></div>`}
    ${says && html`<p class="says">${says}</p>`} ${children}
  </section>`;
}

/** Top of a page: its name, a sentence, and what can be done there. */
export function PageTop({
  title,
  says,
  children,
}: {
  title: string;
  says?: ComponentChildren;
  children?: ComponentChildren;
}): VNode {
  return html`<div class="page-top">
    <div>
      <h1>${title}</h1>
      ${says && html`<p class="says">${says}</p>`}
    </div>
    <div class="page-actions">${children}</div>
  </div>`;
}

/** Names with their values, such as settings. Rows whose value is undefined are left out. */
export function Facts({
  rows,
}: {
  rows: readonly (readonly [name: string, value: ComponentChildren])[];
}): VNode {
  return html`<dl class="facts">
    ${rows
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** A large figure with its name, and what is to be known of it. */
export function Figure({
  name,
  value,
  children,
}: {
  name: string;
  value: ComponentChildren;
  children?: ComponentChildren;
}): VNode {
  return html`<div class="figure"><span class="figure-name">${name}</span><span class="figure-value">${value}</span>
    <span class="figure-more">${children}</span></div>`;
}
