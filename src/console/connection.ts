/** How the api is reached: it answers, it does not, or it wants an API key. */
export type Connection = 'up' | 'away' | 'key';

const FIRST_MS = 1000;
const LONGEST_MS = 15_000;

type Listener = (connection: Connection) => void;

let current: Connection = 'up';
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<Listener>();

export const connection = (): Connection => current;

/** @returns how to stop listening */
export function onConnection(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function setConnection(next: Connection): void {
  if (next === current) return;
  current = next;
  for (const listener of listeners) listener(next);
}

/** Called when a request got no answer: asks again until there is one, each time after a longer pause. */
export function noteAway(waitMs = FIRST_MS): void {
  setConnection('away');
  if (timer !== undefined) return;
  timer = setTimeout(async () => {
    timer = undefined;
    if (await answers()) setConnection('up');
    else noteAway(Math.min(LONGEST_MS, waitMs * 1.6));
  }, waitMs);
}

async function answers(): Promise<boolean> {
  const answer = await fetch('../health/live', { cache: 'no-store' }).catch(() => null);
  return answer?.ok === true;
}
