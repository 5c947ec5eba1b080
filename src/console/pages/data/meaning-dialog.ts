import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../api.ts';
import { useAction, useGet } from '../../hooks.ts';
import { Confirm } from '../../parts/confirm.ts';
import { Loading } from '../../parts/empty.ts';
import { Problem } from '../../parts/notice.ts';
import { type Body, withValue } from '../new-job/body.ts';
import { Inputs } from '../new-job/field-input.ts';
import type { Form } from '../new-job/form.ts';
import { problemsOfErrors } from '../new-job/plan-notes.ts';
import { type ApiDocument, bodyFields } from '../new-job/schema.ts';
import type { EventType } from './event-type.ts';

interface MeaningDialogProps {
  type: string;
  /** Its meaning now; null where nobody says so. */
  known: EventType | null;
  onClose: () => void;
  onDone: () => void;
}

/** Declares what a type means, or takes a declaration back. */
export function MeaningDialog({ type, known, onClose, onDone }: MeaningDialogProps): VNode {
  const [body, setBody] = useState<Body>(() => declared(known));
  const document = useGet<ApiDocument>('/openapi.json');
  const path = `/event-types/${encodeURIComponent(type)}`;
  const put = useAction(() => send('PUT', path, { json: body }));
  const takeBack = useAction(() => send('DELETE', path));
  const { errors } = put.error?.details ?? {};
  const form: Form = {
    ...{ body, plan: null, problems: Array.isArray(errors) ? problemsOfErrors(errors.map(String)) : [] },
    set: (field, value) => setBody((before) => withValue(before, field, value)),
  };
  const back = async () => {
    if (!(await takeBack.run())) return;
    onClose();
    onDone();
  };
  return html`<${Confirm} isOpen=${true} title=${`What ${type} means`} verb="Declare" action=${put} onClose=${onClose} onDone=${onDone}>
    ${document.data ? html`<${Inputs} fields=${bodyFields(document.data, '/event-types/{type}', 'put')} path=${[]} form=${form} />` : html`<${Loading} />`}
    <${Problem} error=${document.error ?? takeBack.error} />
    ${known?.source === 'declared' && html`<p><button type="button" onClick=${back}>Take the declaration back</button></p>`}
  <//>`;
}

function declared(known: EventType | null): Body {
  if (!known) return { meaning: 'positive' };
  const { type: _type, source: _source, updatedAt: _updatedAt, ...meaning } = known;
  return meaning;
}
