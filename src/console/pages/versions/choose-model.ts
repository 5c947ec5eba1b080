import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { type Got, type Page, useGet } from '../../hooks.ts';
import { PageTop } from '../../parts/card.ts';
import { Empty, Loading } from '../../parts/empty.ts';
import { Choice } from '../../parts/field.ts';
import { Problem } from '../../parts/notice.ts';
import { go, linkTo } from '../../router.ts';

interface ModelName {
  name: string;
  aliases: Record<string, number>;
}

/** Models with their aliases and without their versions. */
const useModels = (): Got<Page<ModelName>> => useGet<Page<ModelName>>('/models?versions=0&limit=200');

interface OfModelProps {
  page: string;
  title: string;
  says: string;
  /** Name in the address; without one the first model that is live is shown. */
  name: string | undefined;
  children: (model: ModelName) => ComponentChildren;
}

/** The page of one model, with its name to choose on top. */
export function OfModel({ page, title, says, name, children }: OfModelProps): VNode {
  const { data, error } = useModels();
  const models = data?.data ?? [];
  const model =
    name === undefined
      ? (models.find(({ aliases }) => aliases.stable !== undefined) ?? models[0])
      : models.find((one) => one.name === name);
  return html`
    <${PageTop} title=${title} says=${says}>
      ${
        model &&
        html`<${Choice}
          label="Model"
          value=${model.name}
          options=${models.map((one) => [one.name, one.name] as const)}
          onChange=${(chosen: string) => go(linkTo([page, chosen]))}
        />`
      }
    <//>
    <${Problem} error=${error} />
    ${data === null && !error && html`<${Loading} />`}
    ${data !== null && !model && html`<${NoModel} name=${name} />`}
    ${model && html`<div key=${model.name}>${children(model)}</div>`}
  `;
}

function NoModel({ name }: { name: string | undefined }): VNode {
  return html`<${Empty} title=${name === undefined ? 'There is no model yet' : `There is no model ${name}`}>
    <p>A model comes of a job: <a href="#/new-job">start one</a>, or <a href="#/jobs">look at those that run</a>.</p>
  <//>`;
}
