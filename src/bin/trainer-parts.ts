// The trainer's side of its channel to the worker, about parts of the job.
import type { PartAnswer, PartMessage } from '../jobs/contract.ts';
import type { PartDesk } from '../training/parts/contract.ts';

/** Asks the worker; one question about a part at a time. */
export function createPartDesk(send: (message: PartMessage) => void): PartDesk {
  const asked = new Map<string, (isOurs: boolean) => void>();
  process.on('message', (message: PartAnswer) => {
    if (message.kind !== 'part') return;
    asked.get(message.part)?.(message.isOurs);
    asked.delete(message.part);
  });
  return {
    offer: (parts) => send({ kind: 'offer-parts', parts }),
    claim: (part) =>
      new Promise((resolve) => {
        asked.set(part, resolve);
        send({ kind: 'claim-part', part });
      }),
    release: (part) => send({ kind: 'release-part', part }),
  };
}
