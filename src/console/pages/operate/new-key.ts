import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { MadeKey } from '../../../domain/keys/key.ts';
import type { Scope } from '../../../domain/keys/scope.ts';
import { send } from '../../api.ts';
import { useAction } from '../../hooks.ts';
import { Card } from '../../parts/card.ts';
import { Text } from '../../parts/field.ts';
import { Problem } from '../../parts/notice.ts';

const SCOPES: readonly (readonly [scope: Scope, says: string])[] = [
  ['recommend', 'answers for visitors; fit for a browser'],
  ['events', 'adds interactions, reads nothing'],
  ['read', 'reads all but exports, logs, keys and audit'],
  ['write', 'catalogue, imports, deletions, events'],
  ['train', 'jobs and schedules'],
  ['publish', 'aliases, default models, roll-back'],
  ['admin', 'everything'],
];

/** A form for a key. */
export function NewKeyForm({ onMade }: { onMade: (key: MadeKey) => void }): VNode {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [expires, setExpires] = useState('');
  const action = useAction(async () => {
    const expiresAt = expires.trim() === '' ? undefined : expires.trim();
    const { body } = await send<MadeKey>('POST', '/keys', { json: { name, scopes, expiresAt } });
    setName('');
    setScopes([]);
    setExpires('');
    onMade(body);
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void action.run();
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return html`<${Card} title="Make a key">
    <form class="stack" onSubmit=${submit}>
      <div class="row">
        <${Text} label="Name" hint="Who holds it; the audit shows it" value=${name} onInput=${setName} />
        <${Text} label="Expires" hint="Such as 2036-01-01; never if empty" value=${expires} onInput=${setExpires} />
      </div>
      <fieldset class="choices">
        <legend>May</legend>
        ${SCOPES.map(
          ([scope, says]) => html`<label key=${scope}>
            <input type="checkbox" checked=${scopes.includes(scope)} onChange=${() => toggle(scope)} />
            <span><b>${scope}</b> <span class="faint">${says}</span></span>
          </label>`,
        )}
      </fieldset>
      <${Problem} error=${action.error} />
      <div><button class="main" type="submit" disabled=${action.isRunning}>Make the key</button></div>
    </form>
  <//>`;
}
