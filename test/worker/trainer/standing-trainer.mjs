// Works without turning the event loop, or waits with it turning, for longer than a trainer may stand still.
import { setTimeout as sleep } from 'node:timers/promises';
import '../../../dist/bin/beat-to-parent.js';

const MS = 4_000;
process.on('disconnect', () => process.exit(1));
process.send({ kind: 'progress', progress: {} });
if (process.env.DOES === 'work') {
  const until = Date.now() + MS;
  while (Date.now() < until);
} else await sleep(MS);
process.send({ kind: 'failed', problem: { code: 'done' }, retryable: false }, () => process.exit(0));
