// Loaded into the api and the worker of the all-in-one service (node --import) and by trainers: tells whoever started the
// process that its event loop turns. A process whose loop hangs says nothing, though it is alive.

const EVERY_MS = 500;

beat();
setInterval(beat, EVERY_MS).unref();

function beat(): void {
  // The channel may close at any moment, when the parent ends.
  if (process.connected) process.send?.({ kind: 'beat' }, undefined, undefined, () => {});
}
