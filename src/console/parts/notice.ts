import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import type { ApiError } from '../api.ts';

export type Tone = 'info' | 'good' | 'warn' | 'bad';

/** Tones in words, for who does not see colours. */
export const WORDS: Record<Tone, string> = { info: 'Note', good: 'Good', warn: 'Warning', bad: 'Problem' };

/** A sentence that should be seen; its tone is also said as a word. */
export function Notice({ tone = 'info', children }: { tone?: Tone; children?: ComponentChildren }): VNode {
  return html`<div class=${`notice ${tone}`} role=${tone === 'bad' ? 'alert' : 'note'}>
    <b>${WORDS[tone]}</b>
    <div>${children}</div>
  </div>`;
}

interface FieldError {
  field?: string;
  message?: string;
}

/** Failure of a request in the api's own words; nothing without one, or while the bar above says that the api is away. */
export function Problem({ error }: { error: ApiError | null }): VNode | null {
  if (error === null || error.code === 'unreachable') return null;
  const { errors } = error.details as { errors?: unknown };
  const list = Array.isArray(errors) ? (errors as (FieldError | string)[]) : [];
  return html`<${Notice} tone="bad">
    <p>${error.message}</p>
    ${list.length > 1 && html`<ul>${list.map((one) => html`<li>${sentenceOf(one)}</li>`)}</ul>`}
    <p class="faint">
      ${error.code}${typeof error.details.requestId === 'string' && ` · request ${error.details.requestId}`}
    </p>
  <//>`;
}

function sentenceOf(one: FieldError | string): string {
  if (typeof one === 'string') return one;
  return [one.field, one.message].filter(Boolean).join(': ');
}

/** A word with a colour, such as the state of a job. */
export function Badge({
  tone = 'info',
  children,
}: {
  tone?: Tone | 'quiet';
  children?: ComponentChildren;
}): VNode {
  return html`<span class=${`badge ${tone}`}>${children}</span>`;
}
