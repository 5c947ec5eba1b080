import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** A place to drop a file on, with a button for who would rather choose one. */
export function Drop({ onFile }: { onFile: (file: File) => void }): VNode {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  };
  const choose = (event: Event) => {
    const field = event.currentTarget as HTMLInputElement;
    const file = field.files?.[0];
    // The same file may be chosen again.
    field.value = '';
    if (file) onFile(file);
  };
  return html`<div
    class=${`drop${isOver ? ' over' : ''}`}
    onDragEnter=${over}
    onDragOver=${over}
    onDragLeave=${() => setOver(false)}
    onDrop=${drop}
  >
    <p><b>Drop a file here</b> or <button type="button" onClick=${() => input.current?.click()}>Choose a file</button></p>
    <p class="faint">CSV, JSON lines or Parquet, as it is or packed with gzip, zstd, zip or tar. Nothing is stored before you say so.</p>
    <input ref=${input} type="file" hidden onChange=${choose} />
  </div>`;
}
