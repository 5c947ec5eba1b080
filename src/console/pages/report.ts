import './versions/versions.css';
import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Job } from '../../domain/jobs/job.ts';
import { useGet } from '../hooks.ts';
import { PageTop } from '../parts/card.ts';
import { Empty, Loading } from '../parts/empty.ts';
import { Problem } from '../parts/notice.ts';
import { linkTo, type Place } from '../router.ts';
import { ReportOfVersion } from './report/report-of-version.ts';
import { VersionsOfModel } from './report/versions-of-model.ts';
import { OfModel } from './versions/choose-model.ts';

/** Page on what a version kept of its teacher: `#/report/MODEL/VERSION`, `#/report?job=ID`, and the versions of `#/report/MODEL`. */
export function Report({ rest: [model, version], query }: Place): VNode {
  const job = query.get('job');
  if (job !== null && model === undefined) return html`<${ReportOfJob} id=${job} />`;
  if (model !== undefined && version !== undefined) {
    return html`<${ReportOfVersion} key=${`${model} ${version}`} model=${model} version=${version} query=${query} />`;
  }
  return html`<${OfModel}
    page="report"
    title="Report"
    says="What each version kept of its teacher, and what it costs. Open one to read its report."
    name=${model}
  >
    ${({ name, aliases }: { name: string; aliases: Record<string, number> }) =>
      html`<${VersionsOfModel} model=${name} live=${aliases.stable ?? null} query=${query} />`}
  <//>`;
}

type JobWithResult = Pick<Job, 'state' | 'model' | 'type'> & { result: { version?: number } | null };

function ReportOfJob({ id }: { id: string }): VNode {
  const { data: job, error } = useGet<JobWithResult>(`/jobs/${encodeURIComponent(id)}`, 5000);
  if (job?.result?.version !== undefined && job.model) {
    return html`<${ReportOfVersion}
      model=${job.model}
      version=${String(job.result.version)}
      job=${id}
      query=${new URLSearchParams()}
    />`;
  }
  return html`
    <${PageTop} title="Report" says=${`Of job ${id}`} />
    <${Problem} error=${error} />
    ${!job && !error && html`<${Loading} />`}
    ${
      job &&
      html`<${Empty} title=${reasonOf(job)}>
        <p><a href=${linkTo(['jobs', id])}>Look at the job</a></p>
      <//>`
    }
  `;
}

function reasonOf({ state, type }: JobWithResult): string {
  if (type === 'import') return 'This job is an import: it makes no model and has no report.';
  if (state === 'queued' || state === 'running')
    return `This job is ${state}. Its report comes with its version, when it has succeeded.`;
  return `This job is ${state} and has made no version, so that there is no report.`;
}
