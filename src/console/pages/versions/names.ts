import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ModelVersion } from '../../../domain/answers/model.ts';
import { Badge } from '../../parts/notice.ts';
import { refusedBy } from './gate.ts';

/** Aliases and tags of a version, and the rules of its gate that refused it. */
export function Names({ version: { aliases, tags = [], promotion } }: { version: ModelVersion }): VNode {
  const refused = refusedBy(promotion);
  return html`<span class="badges">
    ${aliases.map((alias) => html`<${Badge} tone=${alias === 'stable' ? 'good' : 'info'}>${alias}<//>`)}
    ${tags.map((tag) => html`<${Badge} tone="quiet">${tag}<//>`)}
    ${refused.length > 0 && html`<${Badge} tone="warn">refused: ${refused.join(', ')}<//>`}
  </span>`;
}
