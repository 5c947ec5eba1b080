import './versions/versions.css';
import './try-it/try-it.css';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Place } from '../router.ts';
import { Trial } from './try-it/trial.ts';
import { OfModel } from './versions/choose-model.ts';

/** Recommendations as an application gets them: `#/try/MODEL?user=42&version=3`. */
export function TryIt({ rest: [name], query }: Place): VNode {
  return html`<${OfModel}
    page="try"
    title="Try it"
    says="What a user, or a visitor who has just done something, would be shown, by one version or by two side by side."
    name=${name}
  >
    ${({ name: model }: { name: string }) => html`<${Trial} model=${model} query=${query} />`}
  <//>`;
}
