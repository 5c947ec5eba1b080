import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { TrafficView } from '../../../domain/traffic/traffic.ts';
import { send } from '../../api.ts';
import { useAction, useGet } from '../../hooks.ts';
import { Card, Facts } from '../../parts/card.ts';
import { Confirm } from '../../parts/confirm.ts';
import { counted } from '../../parts/format.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { Time } from '../../parts/time.ts';
import type { AliasRow } from '../versions/move-alias.ts';
import { SetTraffic } from './set-traffic.ts';
import { useTraffic } from './use-traffic.ts';

interface TrafficProps {
  model: string;
  aliases: readonly AliasRow[];
  onChanged: () => void;
}

/** Which share of the users gets which version, and the experiment that compares them. */
export function TrafficCard({ model, aliases, onChanged }: TrafficProps): VNode {
  const path = `/models/${encodeURIComponent(model)}`;
  const online = useGet<{ traffic: 'running' | 'ended' | null }>(`${path}/online`);
  const traffic = useTraffic(model, online.data?.traffic ?? null);
  const [asked, setAsked] = useState<'set' | 'end' | null>(null);
  const end = useAction(() =>
    send('DELETE', `${path}/traffic`, { headers: { 'if-match': traffic.etag ?? '*' } }),
  );
  // Once it has ended there is nothing to read: whether it has, the online results say.
  const ended = () => {
    online.reload();
    onChanged();
  };
  const changed = () => {
    traffic.reload();
    ended();
  };
  const isRunning = traffic.data?.state === 'running';
  const stable = aliases.find(({ alias }) => alias === 'stable')?.version;
  return html`<${Card}
    title="Traffic"
    isWide
    says="A share of the users may get another version than stable, always the same users."
    aside=${html`<span class="badges">
      <button type="button" disabled=${stable === undefined} onClick=${() => setAsked('set')}>${isRunning ? 'Change the traffic' : 'Share the traffic'}</button>
      ${isRunning && html`<button type="button" class="danger" onClick=${() => setAsked('end')}>Give all back to stable</button>`}
    </span>`}
  >
    <${Problem} error=${online.error ?? traffic.error} />
    <${Shares} traffic=${isRunning ? traffic.data : null} stable=${stable} />
    ${traffic.data && html`<${About} traffic=${traffic.data} />`}
    <${SetTraffic} isOpen=${asked === 'set'} model=${model} aliases=${aliases} traffic=${traffic} onClose=${() => setAsked(null)} onChanged=${changed} />
    <${Confirm}
      isOpen=${asked === 'end'}
      title="Give all users back to stable?"
      verb="End the traffic"
      isDanger
      action=${end}
      onClose=${() => setAsked(null)}
      onDone=${ended}
    >
      <p>The versions stay. What was counted so far is no longer shown as an experiment.</p>
      ${end.error?.status === 412 && html`<${Notice} tone="warn">Somebody has changed the traffic since this page read it. Close this question and look again.<//>`}
    <//>
  <//>`;
}

const WIDTH = 1000;

function Shares({ traffic, stable }: { traffic: TrafficView | null; stable: number | undefined }): VNode {
  const shares = Object.entries(traffic?.shares ?? { stable: 100 });
  const versionOf = (name: string) =>
    name === 'stable' ? stable : traffic?.variants.find((variant) => variant.name === name)?.version;
  const starts = shares.map((_, i) => shares.slice(0, i).reduce((sum, [, share]) => sum + share, 0));
  const text = shares.map(([name, share]) => `${name} ${share} %`).join(', ');
  return html`
    <svg class="shares" viewBox=${`0 0 ${WIDTH} 16`} preserveAspectRatio="none" role="img" aria-label=${text}>
      ${shares.map(([name, share], i) => html`<rect key=${name} class=${`share-${(i % 6) + 1}`} x=${(starts[i]! / 100) * WIDTH} width=${(share / 100) * WIDTH} height="16" />`)}
    </svg>
    <ul class="share-names">
      ${shares.map(([name, share], i) => {
        const serving = traffic?.variants.find((variant) => variant.name === name)?.serving;
        return html`<li key=${name}>
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class=${`share-${(i % 6) + 1}`} width="10" height="10" /></svg>
          <b>${share} %</b> ${name} <span class="faint">version ${versionOf(name) ?? 'none'}</span>
          ${serving && serving.state !== 'live' && html`<${Badge} tone="warn">${serving.state}${serving.reason ? `: ${serving.reason}` : ''}<//>`}
        </li>`;
      })}
    </ul>
  `;
}

function About({ traffic }: { traffic: TrafficView }): VNode {
  const { test, shadow, endings } = traffic;
  return html`
    <${Facts}
      rows=${[
        ['State', traffic.state],
        ['Experiment', traffic.experiment],
        [
          'Decided by',
          test
            ? `${test.metric}, after ${counted(test.minimumUsers, 'user')} each, at most ${counted(test.endAfter.days, 'day')}`
            : 'nobody: the shares stay until somebody changes them',
        ],
        [
          'If it is better',
          test
            ? test.onEnd === 'promote'
              ? 'stable moves to it'
              : 'the traffic ends, and a person decides'
            : undefined,
        ],
        [
          'Shadow',
          shadow ? `version ${shadow.version}, ${shadow.sample * 100} % of the requests` : undefined,
        ],
        ['Reason', traffic.reason],
        ['Set', html`<${Time} at=${traffic.updatedAt} />`],
      ]}
    />
    ${endings.map(
      ({ at, kind, text }) =>
        html`<p key=${at}><${Badge} tone=${kind === 'better' ? 'good' : kind === 'worse' ? 'bad' : 'quiet'}>${kind}<//> ${text} <span class="faint"><${Time} at=${at} /></span></p>`,
    )}
  `;
}
