import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { addressOf, apiKey } from '../api.ts';
import { type Call, LANGUAGES, snippet } from './snippets.ts';

/** A request as code in several languages, to copy. The key is written as a name of a variable, never itself. */
export function Copy({
  method,
  path,
  json,
  headers,
}: Omit<Call, 'url' | 'hasKey'> & { path: string }): VNode {
  const [language, setLanguage] = useState(LANGUAGES[0]!);
  const [isCopied, setCopied] = useState(false);
  const code = snippet(language, { method, url: addressOf(path), json, headers, hasKey: apiKey() !== null });
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<div class="copy">
    <div class="copy-top" role="group" aria-label="Language">
      ${LANGUAGES.map(
        (one) => html`<button
          key=${one}
          type="button"
          class="quiet"
          aria-pressed=${one === language}
          onClick=${() => setLanguage(one)}
        >
          ${one}
        </button>`,
      )}
      <button type="button" class="copy-button" onClick=${copy}>${isCopied ? 'Copied' : 'Copy'}</button>
    </div>
    <pre tabindex="0" aria-label=${`The request in ${language}`}><code>${code}</code></pre>
  </div>`;
}
