import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { DriftCheck } from '../../../domain/drift/drift-check.ts';
import type { DriftSettings } from '../../../domain/drift/drift-settings.ts';
import { send } from '../../api.ts';
import { type Page, useAction, useGet } from '../../hooks.ts';
import { Card, Facts } from '../../parts/card.ts';
import { Chart } from '../../parts/chart.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Loading } from '../../parts/empty.ts';
import { fixed, percent } from '../../parts/format.ts';
import { Badge, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { Time } from '../../parts/time.ts';
import { linkTo } from '../../router.ts';
import { driftCurves } from './drift-curves.ts';
import { Input } from './set-traffic.ts';

type Watched = DriftSettings & { nextCheckAt: string | null; drifted: boolean };
type Drifted = Page<DriftCheck> & { settings: Watched | null };

const TONES = { fine: 'good', drifted: 'bad', 'not-measured': 'quiet' } as const;
/** Checks that are drawn, the newest. */
const DRAWN = 100;

/** Card on what the figures of the live version have lost while users and catalogue moved on. */
export function Drift({ model }: { model: string }): VNode {
  const path = `/models/${encodeURIComponent(model)}/drift`;
  const { data, error, reload } = useGet<Drifted>(`${path}?limit=${DRAWN}`, 30_000);
  const check = useAction(() => send('POST', `${path}/check`));
  const [isAsking, setAsking] = useState(false);
  const settings = data?.settings ?? null;
  return html`<${Card}
    title="Drift"
    isWide
    says="What the live version knows of what users did since it learned, checked by the clock."
    aside=${html`<span class="badges">
      ${settings && html`<button type="button" disabled=${check.isRunning} onClick=${async () => (await check.run()) && reload()}>Check now</button>`}
      <button type="button" onClick=${() => setAsking(true)}>${settings ? 'Change' : 'Watch this model'}</button>
    </span>`}
  >
    <${Problem} error=${error ?? check.error} />
    ${!data && !error && html`<${Loading} />`}
    ${data && !settings && html`<p class="faint">This model is not watched.</p>`}
    ${settings && html`<${Settings} settings=${settings} />`}
    ${data && data.data.length > 0 && html`<${Checks} checks=${data.data} />`}
    <${Watch} isOpen=${isAsking} path=${path} settings=${settings} onClose=${() => setAsking(false)} onDone=${reload} />
  <//>`;
}

function Settings({ settings }: { settings: Watched }): VNode {
  const limits = Object.entries(settings.limits ?? {});
  return html`<${Facts}
    rows=${[
      [
        'State',
        html`<${Badge} tone=${settings.drifted ? 'bad' : 'good'}>${settings.drifted ? 'drifted' : 'within its limits'}<//>`,
      ],
      ['Checked', html`<code>${settings.cron}</code> ${settings.timeZone ?? 'UTC'}`],
      ['Next', html`<${Time} at=${settings.nextCheckAt} />`],
      [
        'Limits',
        limits.length === 0
          ? 'none: a check only measures'
          : limits.map(([name, limit]) => `${name} ${limit}`).join(', '),
      ],
      ['Beyond a limit', settings.retrain ? 'a job is started' : 'a notice, and no job'],
    ]}
  />`;
}

function Checks({ checks }: { checks: readonly DriftCheck[] }): VNode {
  const { x, curves } = driftCurves(checks);
  return html`
    ${
      x.length > 1 &&
      html`<${Chart} label="NDCG@10 of the live version and its teacher at each check" x=${x} xKind="time" formatY=${(value: number) => fixed(value, 3)} curves=${curves} />`
    }
    <${Table}
      label="Checks"
      rows=${checks.slice(0, 20)}
      keyOf=${(row: DriftCheck) => row.id}
      columns=${[
        { title: 'When', kind: 'main', of: (row: DriftCheck) => html`<${Time} at=${row.at} />` },
        { title: 'State', of: ({ state }: DriftCheck) => html`<${Badge} tone=${TONES[state]}>${state}<//>` },
        { title: 'Version', kind: 'number', of: ({ figures }: DriftCheck) => figures.version ?? '–' },
        { title: 'NDCG@10', kind: 'number', of: ({ figures }: DriftCheck) => fixed(figures.ndcg?.value) },
        {
          title: "Of the teacher's",
          kind: 'number',
          of: ({ figures }: DriftCheck) => percent(figures.ndcgRetained?.value),
        },
        {
          title: 'By popularity',
          kind: 'number',
          of: ({ figures }: DriftCheck) => percent(figures.popularityShare),
          isExtra: true,
        },
        {
          title: 'Unknown items',
          kind: 'number',
          of: ({ figures }: DriftCheck) => percent(figures.unknownItems),
          isExtra: true,
        },
        { title: 'Why', of: (row: DriftCheck) => html`<${Why} check=${row} />` },
      ]}
    />
  `;
}

function Why({ check: { broken, figures, retraining } }: { check: DriftCheck }): VNode {
  const said = [...broken.map(({ text }) => text), ...figures.notes];
  return html`<span class="faint">
    ${said.join(' ')}
    ${retraining?.jobId && html` <a href=${linkTo(['jobs', retraining.jobId])}>A job was started.</a>`}
    ${retraining?.reason}
  </span>`;
}

interface WatchProps {
  isOpen: boolean;
  path: string;
  settings: Watched | null;
  onClose: () => void;
  onDone: () => void;
}

function Watch({ isOpen, path, settings, onClose, onDone }: WatchProps): VNode {
  const [cron, setCron] = useState(settings?.cron ?? '0 5 * * *');
  const [least, setLeast] = useState(String(settings?.limits?.ndcgRetained ?? ''));
  const [retrain, setRetrain] = useState(settings?.retrain ?? false);
  const action = useAction(() => {
    // What this form does not show stays as it is.
    const {
      nextCheckAt: _next,
      drifted: _drifted,
      ...kept
    } = { ...settings } as Watched & Record<string, unknown>;
    const { keyId: _key, ...known } = kept as Record<string, unknown>;
    const { ndcgRetained: _before, ...others } = settings?.limits ?? {};
    const limits = { ...others, ...(least.trim() !== '' && { ndcgRetained: Number(least) }) };
    return send('PUT', path, { json: { ...known, cron, limits, retrain } });
  });
  return html`<${Confirm} isOpen=${isOpen} title="Watch this model" verb="Watch" action=${action} onClose=${onClose} onDone=${onDone}>
    <${Input} label="When, as a cron expression" hint="Minute, hour, day of the month, month, day of the week" value=${cron} onChange=${setCron} />
    <${Input} label="Least share of the teacher's NDCG@10" hint="From 0 to 1; empty for no limit" value=${least} onChange=${setLeast} />
    <label class="pick">
      <input type="checkbox" checked=${retrain} onChange=${(event: Event) => setRetrain((event.currentTarget as HTMLInputElement).checked)} />
      Start a job when a limit is broken
    </label>
  <//>`;
}
