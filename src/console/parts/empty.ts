import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';

/** Stands where there is nothing to show yet, and says what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }): VNode {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;
}

/** Stands where something is still asked for. */
export function Loading(): VNode {
  return html`<p class="loading" role="status">Loading…</p>`;
}
