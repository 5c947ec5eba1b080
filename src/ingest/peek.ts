/**
 * The first bytes of a stream, at least `least` where it has so many, and all of it from the beginning. Where the
 * stream breaks meanwhile, what came before is there, and reading on fails.
 */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
  least: number,
): Promise<{ first: Buffer; rest: AsyncGenerator<Uint8Array> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let broken: { error: unknown } | undefined;
  while (length < least && !broken) {
    try {
      const next = await iterator.next();
      if (next.done) break;
      chunks.push(next.value);
      length += next.value.length;
    } catch (error) {
      broken = { error };
    }
  }
  async function* rest() {
    try {
      yield* chunks;
      if (broken) throw broken.error;
      yield* { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
    } finally {
      await iterator.return?.();
    }
  }
  return { first: Buffer.concat(chunks), rest: rest() };
}
