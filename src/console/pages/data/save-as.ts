/** Gives the browser a text to save under a name. */
export function saveAs(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the contents after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
