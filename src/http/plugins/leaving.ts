import type { App } from '../app-type.ts';
import type { Leaving } from '../leaving.ts';

/** Ends each connection with its answer while the process leaves, so that clients that keep theirs go to another one. */
export function installLeaving(app: App, leaving: Leaving | undefined): void {
  if (!leaving) return;
  app.addHook('onSend', async (_request, reply) => {
    if (leaving.isLeaving) reply.header('connection', 'close');
  });
}
