// Says that it is ready, and who it is; then it does what the test asks of it.
import { setTimeout as sleep } from 'node:timers/promises';

process.send({ kind: 'ready' });
console.log(process.pid);
await sleep(1_200);
// Every event that comes meanwhile waits: a loop that does not turn.
if (process.env.HANGS === 'loop') for (;;);
setInterval(() => {}, 1000);
