import { messageOf, problem } from '../../core/errors.ts';

const SIGNS =
  /OOM when allocating|Resource exhausted|RESOURCE_EXHAUSTED|allocation failed|out of memory|enlarge memory|Invalid typed array length/i;

/** Turns a failed allocation of any backend into an 'out-of-memory' problem with the size asked for; other errors stay. */
export function explainMemory(error: unknown): unknown {
  const text = messageOf(error);
  if (!SIGNS.test(text)) return error;
  return problem(
    'out-of-memory',
    `there is no memory for ${askedFor(text)}; lower the batch size, the width of the model or TENSOR_MEMORY_MIB`,
    {},
    error,
  );
}

function askedFor(text: string): string {
  const length = /array length: (\d+)/.exec(text)?.[1];
  if (length) return `a tensor of ${length} elements (${mebibytes(Number(length))} MiB)`;
  const shape = /shape\s*\[([\d,\s]+)\]/.exec(text)?.[1];
  if (!shape) return 'a tensor';
  const elements = shape.split(',').reduce((product, n) => product * Number(n), 1);
  return `a tensor of shape [${shape}] (${mebibytes(elements)} MiB)`;
}

const mebibytes = (elements: number): number => Math.ceil((elements * 4) / 2 ** 20);
