import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { PageTop } from '../parts/card.ts';
import { Empty } from '../parts/empty.ts';
import { Tabs } from '../parts/tabs.ts';
import type { Place } from '../router.ts';
import { Audit } from './operate/audit.ts';
import { Health } from './operate/health.ts';
import { Keys } from './operate/keys.ts';
import { Rules } from './operate/rules.ts';
import { Schedules } from './operate/schedules.ts';
import { Settings } from './operate/settings.ts';
import { Workers } from './operate/workers.ts';

const PARTS: readonly { name: string; title: string; part: (place: Place) => VNode }[] = [
  { name: 'health', title: 'Health', part: Health },
  { name: 'workers', title: 'Workers', part: Workers },
  { name: 'schedules', title: 'Schedules', part: Schedules },
  { name: 'rules', title: 'Rules', part: Rules },
  { name: 'keys', title: 'Keys', part: Keys },
  { name: 'audit', title: 'Audit', part: Audit },
  { name: 'settings', title: 'Settings', part: Settings },
];

/** The page `#/operate/PART`: health of the installation, and what runs in it. */
export function Operate(place: Place): VNode {
  const wanted = place.rest[0] ?? PARTS[0]!.name;
  const shown = PARTS.find(({ name }) => name === wanted);
  const tabs = PARTS.map(({ name, title }) => ({ name, title, href: `#/operate/${name}` }));
  return html`
    <${PageTop} title="Operate" />
    <${Tabs} label="Parts of Operate" current=${wanted} tabs=${tabs} />
    ${
      shown
        ? html`<${shown.part} key=${shown.name} ...${place} />`
        : html`<${Empty} title="There is no such part"><a href="#/operate">Go to Health</a><//>`
    }
  `;
}
