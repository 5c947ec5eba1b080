import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { duration, percent, roughly } from '../../parts/format.ts';
import { type StageView, stageTitle } from './stages.ts';

const WORDS: Record<StageView['state'], string> = {
  waiting: 'waits',
  running: 'runs',
  done: 'done',
  stopped: 'stopped here',
};

/** The stages of a job, one after the other, each as far as it is. */
export function Flow({ stages }: { stages: readonly StageView[] }): VNode {
  return html`<ol class="flow">
    ${stages.map(
      (
        stage,
      ) => html`<li key=${stage.name} class=${stage.state} aria-current=${stage.state === 'running' ? 'step' : undefined}>
        <span class="flow-name">${stageTitle(stage.name)}</span>
        <progress max="1" value=${stage.filled} aria-label=${`${stageTitle(stage.name)}, ${percent(stage.filled, 0)} done`} />
        <span class="flow-time">${timeOf(stage)}<span class="unseen">, ${WORDS[stage.state]}</span></span>
      </li>`,
    )}
  </ol>`;
}

function timeOf({ seconds, expected, state }: StageView): string {
  if (seconds === null && state === 'done') return 'at once';
  if (seconds === null) return expected === null ? '' : roughly(expected);
  return expected === null || state === 'done'
    ? duration(seconds)
    : `${duration(seconds)} of ${roughly(expected)}`;
}
