import type { Teacher } from '../../../teacher/contract.ts';

/** Obtains teachers one after the other; those that there are already are released where one fails. */
export async function inOrder<X, T extends { teacher: Teacher }>(
  list: readonly X[],
  obtain: (one: X) => Promise<T>,
): Promise<T[]> {
  const obtained: T[] = [];
  return releasingOnError(obtained, async () => {
    for (const one of list) obtained.push(await obtain(one));
    return obtained;
  });
}

/** Releases the teachers where their use fails. */
export async function releasingOnError<R>(
  held: readonly { teacher: Teacher }[],
  use: () => Promise<R>,
): Promise<R> {
  try {
    return await use();
  } catch (error) {
    for (const { teacher } of held) teacher.dispose();
    throw error;
  }
}
