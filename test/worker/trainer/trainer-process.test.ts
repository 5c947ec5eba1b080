import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { crashFailure } from '../../../src/worker/trainer/outcome.ts';
import { startTrainer } from '../../../src/worker/trainer/trainer-process.ts';

const file = pathToFileURL(path.join(import.meta.dirname, 'standing-trainer.mjs'));
const SILENCE_MS = 1_500;

/** Starts a toy trainer. @returns it, with a promise of its first progress, by which it has begun */
function start(does: string) {
  let begun: () => void;
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const listeners = { onProgress: () => begun(), onWarning() {}, onLine() {} };
  const options = { file, env: { ...process.env, DOES: does }, graceMs: 1_000, silenceMs: SILENCE_MS };
  return { trainer: startTrainer({} as never, options, listeners), beginning };
}

it('a trainer that stands still is killed, and its failure says so and is tried again', async () => {
  const { trainer, beginning } = start('wait');
  await beginning;
  process.kill(trainer.pid!, 'SIGSTOP');
  const outcome = await trainer.outcome;
  expect(outcome).toMatchObject({ kind: 'crashed', signal: 'SIGKILL', hung: true });
  const { problem, retryable } = crashFailure(outcome as Extract<typeof outcome, { kind: 'crashed' }>);
  expect(problem).toMatchObject({ code: 'trainer-crashed', detail: expect.stringContaining('stood still') });
  expect(retryable).toBe(true);
});

it.each(['work', 'wait'])('one that says nothing but %ss is left alone', async (does) => {
  const { trainer } = start(does);
  expect(await trainer.outcome).toMatchObject({ kind: 'failed', problem: { code: 'done' } });
});
