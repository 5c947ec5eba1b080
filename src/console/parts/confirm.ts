import { html } from 'htm/preact';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Action } from '../hooks.ts';
import { Problem } from './notice.ts';

interface ConfirmProps {
  isOpen: boolean;
  title: string;
  /** The word on the button, which says what happens: Promote, Delete. */
  verb: string;
  isDanger?: boolean;
  /** Action to confirm, such as one of `useSend`. The dialog closes when it worked and shows the problem when it did not. */
  action: Action;
  onClose: () => void;
  onDone?: () => void;
  children?: ComponentChildren;
}

/** A question before something that matters. Escape and Cancel leave everything as it is. */
export function Confirm({
  isOpen,
  title,
  verb,
  isDanger,
  action,
  onClose,
  onDone,
  children,
}: ConfirmProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen && dialog.current?.open) dialog.current.close();
  }, [isOpen]);
  const close = () => {
    action.forget();
    onClose();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!(await action.run())) return;
    onClose();
    onDone?.();
  };
  return html`<dialog ref=${dialog} aria-labelledby=${id} onClose=${close}>
    <form method="dialog" onSubmit=${submit}>
      <h2 id=${id}>${title}</h2>
      ${isOpen && children}
      <${Problem} error=${action.error} />
      <div class="dialog-end">
        <button type="button" onClick=${close}>Cancel</button>
        <button type="submit" class=${isDanger ? 'danger' : 'main'} disabled=${action.isRunning}>${verb}</button>
      </div>
    </form>
  </dialog>`;
}
