import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { DataCheck, JobPlan, PlannedDefault } from '../../../domain/jobs/job-plan.ts';
import { Card, Facts, Figure } from '../../parts/card.ts';
import { bytes, counted, duration, percent, roughly, whole } from '../../parts/format.ts';
import { Badge, Notice, Problem } from '../../parts/notice.ts';
import { Table } from '../../parts/table.ts';
import { stageTitle } from '../job/stages.ts';
import { shownText } from './body.ts';
import type { FieldProblem } from './plan-notes.ts';
import type { Planned } from './use-plan.ts';

/** Time, memory, data and problems of a job before it starts. */
export function PlanPanel({ planned }: { planned: Planned }): VNode {
  const { plan, problems, error, isAsking } = planned;
  return html`<${Card} title="Plan" aside=${isAsking && html`<span class="faint" role="status">Planning…</span>`}>
    <${Problem} error=${error} />
    ${problems.map((one) => html`<${Wrong} problem=${one} />`)}
    ${plan && html`<${Costs} plan=${plan} />`}
    ${!plan && !error && !isAsking && problems.length === 0 && html`<p class="faint">Name the model to see what the job would do and cost.</p>`}
  <//>`;
}

function Wrong({ problem: { field, detail } }: { problem: FieldProblem }): VNode {
  const show = () => {
    const input = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field ?? '')}"]`);
    input?.scrollIntoView({ block: 'center' });
    input?.focus();
  };
  return html`<${Notice} tone="bad">
    <p>${detail}</p>
    ${field !== null && html`<p><button type="button" class="quiet" onClick=${show}>Show ${field}</button></p>`}
  <//>`;
}

function Costs({ plan }: { plan: JobPlan }): VNode {
  const { expected, data, warnings, students, defaults } = plan;
  const longest = Math.max(...expected.stages.map(({ seconds }) => seconds), 1e-9);
  return html`
    <div class="figures">
      <${Figure} name="time" value=${expected.seconds === null ? 'unknown' : roughly(expected.seconds)}>
        ${expected.isRough && 'a rough guess'}
      <//>
      <${Figure} name="memory" value=${expected.memoryMiB === null ? 'unknown' : `${whole(expected.memoryMiB)} MiB`} />
    </div>
    ${warnings.map((warning) => html`<${Notice} tone="warn">${warning}<//>`)}
    ${
      expected.stages.length > 0 &&
      html`<table class="stages">
      <caption class="unseen">Time by stage</caption>
      <tbody>
        ${expected.stages.map(
          ({ stage, seconds }) => html`<tr key=${stage}>
            <th scope="row">${stageTitle(stage)}</th>
            <td><svg class="bar" aria-hidden="true"><rect width=${`${(100 * seconds) / longest}%`} height="6" /></svg></td>
            <td class="number">${seconds === 0 ? '0 s' : duration(seconds)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`
    }
    <p class="faint">${expected.basis}</p>
    ${data && html`<${Data} data=${data} />`}
    ${students.length > 0 && html`<${Students} students=${students} />`}
    <details>
      <summary>What is left open, and why (${defaults.length})</summary>
      <dl class="defaults">${defaults.map((one) => html`<${Default} key=${one.field} of=${one} />`)}</dl>
    </details>
  `;
}

function Data({ data }: { data: DataCheck }): VNode {
  const { users, items, pairs, trainPairs, testPairs, minimum, undated, types } = data;
  return html`
    <h3>Data</h3>
    <${Facts}
      rows=${[
        ['Users', whole(users)],
        ['Items', whole(items)],
        ['Pairs that count', `${data.isWhole ? '' : 'about '}${whole(pairs)}`],
        [
          'For training and test',
          trainPairs === null ? undefined : `${whole(trainPairs)} and ${whole(testPairs)}`,
        ],
        [
          'Rows without a time',
          undated.rows === 0 ? undefined : `${whole(undated.rows)} (${percent(undated.share)})`,
        ],
        [
          'Least that is needed',
          minimum.isMet
            ? undefined
            : [
                counted(minimum.interactions, 'interaction'),
                counted(minimum.users, 'user'),
                counted(minimum.items, 'item'),
              ].join(', '),
        ],
        ...types.map(({ type, rows, meaning }) => [
          `Type ${type}`,
          html`${whole(rows)} <${Badge} tone=${meaning === 'unknown' ? 'warn' : 'quiet'}>${meaning}<//>`,
        ]),
      ]}
    />
  `;
}

type Student = JobPlan['students'][number];

function Students({ students }: { students: JobPlan['students'] }): VNode {
  return html`<h3>Students</h3>
    <${Table}
      label="Students"
      rows=${students}
      keyOf=${({ place }: Student) => place}
      columns=${[
        { title: 'Student', kind: 'main', of: ({ place, student }: Student) => `${place}: ${student.kind}` },
        { title: 'Dimensions', kind: 'number', of: ({ dimensions }: Student) => whole(dimensions) },
        { title: 'Size', kind: 'number', of: (student: Student) => bytes(student.bytes) },
        { title: 'Time', kind: 'number', of: ({ seconds }: Student) => duration(seconds) },
      ]}
    />`;
}

function Default({ of: { field, value, why, choices } }: { of: PlannedDefault }): VNode {
  return html`<div>
    <dt><code>${field}</code></dt>
    <dd>
      ${value !== null && html`<code class="value">${shownText(value)}</code> `}
      <span class="faint">${why}${choices && ` Among: ${choices.join('; ')}.`}</span>
    </dd>
  </div>`;
}
