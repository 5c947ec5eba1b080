import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { percent } from './format.ts';

/** A share from 0 to 1 as a bar; the text beside it is the caller's. */
export function ShareBar({
  share,
  tone = 'plain',
}: {
  share: number;
  tone?: 'plain' | 'warn' | 'bad';
}): VNode {
  const shown = Math.max(0, Math.min(1, share));
  return html`<svg class=${`share ${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=${percent(share)}>
    <rect class="whole" width="100" height="8" rx="2" />
    <rect class="part" width=${shown * 100} height="8" rx="2" />
  </svg>`;
}
