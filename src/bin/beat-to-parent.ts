// Loaded into the api and the worker of the all-in-one service (node --import): tells the supervisor that the event loop
// turns. A process whose loop hangs says nothing, though it is alive.

const EVERY_MS = 500;

setInterval(() => {
  // The channel may close at any moment, when the parent ends.
  if (process.connected) process.send?.({ kind: 'beat' }, undefined, undefined, () => {});
}, EVERY_MS).unref();
