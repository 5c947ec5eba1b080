// Loaded into the api and the worker of the all-in-one service before anything else (node --import). When the parent
// is gone, killed even, they end in order, and in any case.

const GRACE_MS = 15_000;

process.on('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
// Listening for the disconnect alone must not keep a process alive that has nothing else to do.
process.channel?.unref();
