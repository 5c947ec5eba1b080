import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../api.ts';
import { useAction } from '../../hooks.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Field, type FieldInput } from '../../parts/field.ts';
import { Notice } from '../../parts/notice.ts';
import { type Before, useBefore } from './use-before.ts';

export interface AliasRow {
  alias: string;
  version: number;
  updatedAt: string;
  etag: string;
}

/** A move that somebody is asked about: to a version, or back to the one before. */
export type Move = { kind: 'to'; version: number; refusedBy?: readonly string[] } | { kind: 'back' };

interface MoveAliasProps {
  model: string;
  name: string;
  /** The alias as it was read; null where there is none. The move is made only if it is still so. */
  alias: AliasRow | null;
  /** Null: nothing is asked. */
  move: Move | null;
  onClose: () => void;
  /** The alias has changed, by this move or by somebody else's. */
  onChanged: () => void;
}

/** Asks for the reason and moves an alias, on the condition that nobody has moved it since it was read. */
export function MoveAlias({ model, name, alias, move, onClose, onChanged }: MoveAliasProps): VNode {
  const [reason, setReason] = useState('');
  const action = useAction(() => sendMove(model, name, alias, move!, reason.trim()));
  const isStale = action.error?.status === 412;
  const isBack = move?.kind === 'back';
  const before = useBefore(model, isBack ? name : null);
  const refused = move?.kind === 'to' ? (move.refusedBy ?? []) : [];
  const close = () => {
    setReason('');
    onClose();
    if (isStale) onChanged();
  };
  const own = (input: FieldInput) => html`<textarea
    ...${input}
    rows="2"
    required=${isBack || refused.length > 0}
    minlength="3"
    maxlength="500"
    value=${reason}
    onInput=${(event: Event) => setReason((event.currentTarget as HTMLTextAreaElement).value)}
  />`;
  return html`<${Confirm}
    isOpen=${move !== null}
    title=${isBack ? `Roll back ${name} of ${model}` : `Point ${name} of ${model} at version ${move?.kind === 'to' ? move.version : ''}`}
    verb=${isBack ? 'Roll back' : 'Promote'}
    isDanger=${isBack || refused.length > 0}
    action=${action}
    onClose=${close}
    onDone=${onChanged}
  >
    <p>${sentenceOf(name, alias, move, before)}</p>
    ${
      refused.length > 0 &&
      html`<${Notice} tone="warn">Its gate has refused this version (${refused.join(', ')}). It takes the alias only
        with a reason, and with a key that has the scope admin.<//>`
    }
    <${Field}
      label="Reason"
      hint=${`At least 3 characters, kept in the history of the alias${isBack || refused.length > 0 ? '' : '; you may leave it out'}.`}
      input=${own}
    />
    ${isStale && html`<${Stale} name=${name} alias=${alias} />`}
  <//>`;
}

function Stale({ name, alias }: { name: string; alias: AliasRow | null }): VNode {
  const before = alias ? `It was at version ${alias.version}` : 'It did not exist';
  return html`<${Notice} tone="warn">Somebody has moved ${name} since this page read it. ${before} then, and nothing was
    changed now. Close this question to see where it points, and decide again.<//>`;
}

function sentenceOf(name: string, alias: AliasRow | null, move: Move | null, before: Before): string {
  const now = alias ? `It points at version ${alias.version} now.` : 'There is no such alias yet.';
  const who =
    name === 'stable'
      ? 'Requests that name no version are answered by it, at once and in every api process. '
      : '';
  if (move?.kind !== 'back') return `${who}${now}`;
  if (before === 'none') return `${who}${now} It has had no version before that is still there.`;
  return `${who}${now} It goes back to ${before === 'unknown' ? 'the version' : `version ${before}, the one`} that it had before.`;
}

function sendMove(
  model: string,
  name: string,
  alias: AliasRow | null,
  move: Move,
  reason: string,
): Promise<unknown> {
  const headers: Record<string, string> = alias ? { 'if-match': alias.etag } : { 'if-none-match': '*' };
  const path = `/models/${encodeURIComponent(model)}`;
  if (move.kind === 'back')
    return send('POST', `${path}/rollback`, { json: { alias: name, reason }, headers });
  const json = { version: move.version, ...(reason !== '' && { reason }) };
  return send('PUT', `${path}/aliases/${encodeURIComponent(name)}`, { json, headers });
}
