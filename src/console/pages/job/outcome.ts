import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { DistillationResult, Job } from '../../../domain/jobs/job.ts';
import { Card } from '../../parts/card.ts';
import { Badge, Notice } from '../../parts/notice.ts';
import { ruleResult } from '../versions/rule-result.ts';
import { reportLink } from './state-badge.ts';

/** The outcome of a job: its version with the gate's rules, or why it failed, and its warnings. */
export function Outcome({ job, warnings }: { job: Job; warnings: readonly string[] }): VNode {
  const { result, problem } = job;
  const told = result && 'warnings' in result ? (result.warnings ?? []) : [];
  const all = [...new Set([...told, ...warnings])];
  return html`
    ${
      problem &&
      html`<${Notice} tone="bad">
      <p>${problem.detail ?? problem.title}</p>
      <p class="faint">${problem.code}</p>
    <//>`
    }
    ${result && 'version' in result && html`<${Version} result=${result} />`}
    ${all.map((warning) => html`<${Notice} tone="warn">${warning}<//>`)}
  `;
}

function Version({ result }: { result: DistillationResult }): VNode {
  const { model, version, promotion } = result;
  const link = html`<a class="button main" href=${reportLink(model, version)}>Open the report</a>`;
  return html`<${Card} title=${`Version ${version} of ${model}`} aside=${link} isWide=${true}>
    ${
      promotion &&
      html`<p>
      ${promotion.promoted ? `It took the alias ${promotion.alias}.` : `It did not take the alias ${promotion.alias}.`}
    </p>`
    }
    ${
      promotion?.rules &&
      html`<ul class="rules">
      ${promotion.rules.map(
        (rule) =>
          html`<li><${Badge} tone=${ruleResult(rule).tone}>${ruleResult(rule).says}<//> ${rule.text}</li>`,
      )}
    </ul>`
    }
  <//>`;
}
