import type { Rng } from '../../src/core/rng.ts';

/** One change of which versions answer, over HTTP. */
export type Ask = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: object,
) => Promise<{ status: number; body: { version?: number; variants?: { version: number }[] } }>;

/**
 * Promotes, rolls back, sets and removes traffic, at random.
 * @returns the versions that may answer after the change, and its kind
 */
export function createChanges(ask: Ask, model: string, versions: readonly number[], rng: Rng) {
  let stable = 0;
  let variants: number[] = [];
  const counts = { promoted: 0, 'rolled back': 0, 'traffic set': 0, 'traffic removed': 0 };

  async function must(answer: ReturnType<Ask>, statuses = [200, 204]) {
    const { status, body } = await answer;
    if (!statuses.includes(status))
      throw new Error(`a change was answered with ${status}: ${JSON.stringify(body)}`);
    return { status, body };
  }

  async function move(isRollback: boolean): Promise<void> {
    const others = versions.filter((version) => version !== stable);
    const { status, body } = await must(
      isRollback
        ? ask('POST', `/models/${model}/rollback`, { reason: 'the bench says so' })
        : ask('PUT', `/models/${model}/aliases/stable`, { version: others[rng.int(others.length)] }),
      [200, 409],
    );
    // There may be nothing to go back to.
    if (status !== 200) return;
    stable = body.version!;
    counts[isRollback ? 'rolled back' : 'promoted']++;
  }

  async function split(): Promise<void> {
    const others = rng.shuffle(versions.filter((version) => version !== stable)).slice(0, 1 + rng.int(2));
    const shares: Record<string, number> = { stable: 100 };
    for (const version of others) {
      shares[version] = 1 + rng.int(40);
      shares.stable! -= shares[version]!;
    }
    const { body } = await must(ask('PUT', `/models/${model}/traffic`, { shares }));
    variants = body.variants!.map(({ version }) => version);
    counts['traffic set']++;
  }

  async function join(): Promise<void> {
    const { status } = await must(ask('DELETE', `/models/${model}/traffic`), [204, 404]);
    variants = [];
    if (status === 204) counts['traffic removed']++;
  }

  return {
    counts,
    async change(): Promise<readonly number[]> {
      if (stable === 0) stable = (await must(ask('GET', `/models/${model}/aliases/stable`))).body.version!;
      const draw = rng.next();
      if (draw < 0.6) await move(draw < 0.2);
      else if (draw < 0.9) await split();
      else await join();
      return [stable, ...variants];
    },
  };
}
