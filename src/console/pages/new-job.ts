import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Job } from '../../domain/jobs/job.ts';
import { send } from '../api.ts';
import { useAction, useGet } from '../hooks.ts';
import { Card, PageTop } from '../parts/card.ts';
import { Copy } from '../parts/copy.ts';
import { Loading } from '../parts/empty.ts';
import { Field, type FieldInput } from '../parts/field.ts';
import { Problem } from '../parts/notice.ts';
import { go, linkTo, type Place } from '../router.ts';
import { askedBody } from './job/spec-rows.ts';
import { type Body, type Path, shownText, withValue } from './new-job/body.ts';
import { Fold, type Form, Inputs } from './new-job/field-input.ts';
import { PlanPanel } from './new-job/plan-panel.ts';
import { type ApiDocument, bodyFields } from './new-job/schema.ts';
import { sectionsOf } from './new-job/sections.ts';
import { type Planned, usePlan } from './new-job/use-plan.ts';
import './work.css';

/** A distillation to be started, with its plan beside it. `from` of the address is a job that it begins as. */
export function NewJob({ query }: Place): VNode {
  const from = query.get('from');
  const document = useGet<ApiDocument>('/openapi.json');
  const models = useGet<{ data: { name: string }[] }>('/models?limit=1');
  const other = useGet<Job>(from === null ? null : `/jobs/${encodeURIComponent(from)}`);
  const error = document.error ?? models.error ?? other.error;
  const first =
    from === null ? models.data && { model: models.data.data[0]?.name } : other.data && askedBody(other.data);
  return html`
    <${PageTop} title="New job" says="Trains a teacher, distils a student, measures what it kept, and publishes it. Everything but the model's name may be left open." />
    <${Problem} error=${error} />
    ${
      document.data && first
        ? html`<${Editor} document=${document.data} first=${first} />`
        : !error && html`<${Loading} />`
    }
  `;
}

/** A body without entries that are undefined. */
const clean = (body: Body): Body => JSON.parse(JSON.stringify(body)) as Body;

function Editor({ document, first }: { document: ApiDocument; first: Body }): VNode {
  const [body, setBody] = useState(() => clean(first));
  const { main, folded } = sectionsOf(bodyFields(document, '/jobs'));
  const planned = usePlan(typeof body.model === 'string' ? body : null);
  const set = (path: Path, value: unknown) => setBody((before) => withValue(before, path, value));
  const form: Form = { body, set, plan: planned.plan, problems: planned.problems };
  return html`<div class="beside">
    <form class="job-form" onSubmit=${(event: Event) => event.preventDefault()}>
      <${Card}><${Inputs} fields=${main} path=${[]} form=${form} /><//>
      <${Card}>
        ${folded.map(({ title, fields }) => {
          const [only] = fields;
          // A section of one object shows the fields of it.
          const inner = fields.length === 1 && only!.kind === 'group' ? only!.fields : fields;
          const path = inner === fields ? [] : [only!.name];
          return html`<${Fold} key=${title} title=${title} fields=${inner} path=${path} form=${form} />`;
        })}
        <${AsJson} body=${body} setBody=${setBody} />
      <//>
    </form>
    <div class="plan">
      <${PlanPanel} planned=${planned} />
      <${Start} body=${body} planned=${planned} />
      <${Card} title="The same request"><${Copy} method="POST" path="/jobs" json=${body} /><//>
    </div>
  </div>`;
}

function Start({ body, planned: { plan, problems, isAsking } }: { body: Body; planned: Planned }): VNode {
  const action = useAction(async () => {
    const { body: job } = await send<Job>('POST', '/jobs', { json: body });
    go(linkTo(['jobs', job.id]));
  });
  const runs = plan?.runs && problems.length === 0 && !isAsking;
  return html`<div class="start">
    <button class="main" disabled=${!runs || action.isRunning} onClick=${action.run}>Start the job</button>
    ${!runs && !isAsking && problems.length > 0 && html`<span class="faint">It would be refused, see above.</span>`}
    <${Problem} error=${action.error} />
  </div>`;
}

/** The whole request as a text that can be changed, such as one that somebody has kept. */
function AsJson({ body, setBody }: { body: Body; setBody: (body: Body) => void }): VNode {
  const shown = JSON.stringify(body, null, 2);
  const [text, setText] = useState(shown);
  const [error, setError] = useState<string | undefined>();
  useEffect(() => {
    setText(shown);
    setError(undefined);
  }, [shown]);
  const onChange = (event: Event) => {
    const { value } = event.currentTarget as HTMLTextAreaElement;
    setText(value);
    try {
      const read: unknown = JSON.parse(value);
      if (typeof read !== 'object' || read === null || Array.isArray(read))
        throw new Error('It must be an object.');
      setBody(read as Body);
    } catch (thrown) {
      setError(shownText((thrown as Error).message));
    }
  };
  return html`<details class="fold">
      <summary>As JSON</summary>
      <${Field}
        label="Body of POST /jobs"
        error=${error}
        input=${(own: FieldInput) =>
          html`<textarea ...${own} class="json" rows="12" spellcheck=${false} value=${text} onChange=${onChange}></textarea>`}
      />
    </details>`;
}
