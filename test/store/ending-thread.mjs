// Ends as soon as it is asked for anything.
import { parentPort } from 'node:worker_threads';

parentPort.once('message', () => process.exit(7));
