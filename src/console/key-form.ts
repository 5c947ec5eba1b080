import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { apiKey, isSendable, keepKey } from './api.ts';
import { Field } from './parts/field.ts';

const ODD =
  'A key has letters of English, digits and signs of ASCII only, and no blank. Was it copied with quotes around it?';

/** Asks for the API key, and says so where one was refused. */
export function KeyForm(): VNode {
  const [key, setKey] = useState('');
  const wasRefused = apiKey() !== null;
  const isOdd = key.trim() !== '' && !isSendable(key.trim());
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim() !== '' && !isOdd) keepKey(key.trim());
  };
  return html`<form class="card key-form" onSubmit=${submit}>
    <h1>API key</h1>
    <p>
      This service wants a key. It is kept until this tab is closed and sent to this service alone. The scope${' '}
      <code>read</code> shows everything but keys, audit and settings; <code>admin</code> also changes things.
    </p>
    <${Field}
      label="Key"
      error=${isOdd ? ODD : wasRefused ? 'The key was refused: it is not known, or no longer valid.' : undefined}
      input=${(own: object) =>
        html`<input
          ...${own}
          type="password"
          autocomplete="off"
          spellcheck=${false}
          value=${key}
          onInput=${(event: { currentTarget: HTMLInputElement }) => setKey(event.currentTarget.value)}
        />`}
    />
    <button class="main" type="submit">Use this key</button>
  </form>`;
}
