import { parseArgs } from 'node:util';
import { messageOf } from '../../core/errors.ts';

const USAGE = 'stillhouse worker takes --queues imports,training,maintenance and --concurrency N';

/**
 * Settings that the options of `stillhouse worker` stand for. Their values are checked where all settings are.
 * @throws Error with one sentence that says what is wrong
 */
export function workerSettings(args: readonly string[]): Record<string, string> {
  const { queues, concurrency } = optionsOf(args);
  if (queues === '' || concurrency === '') throw new Error(`${USAGE}; a value is missing.`);
  // Who takes imports alone means those.
  const counted = takesImportsAlone(queues) ? 'IMPORT_CONCURRENCY' : 'WORKER_CONCURRENCY';
  return {
    ...(queues !== undefined && { WORKER_QUEUES: queues }),
    ...(concurrency !== undefined && { [counted]: concurrency }),
  };
}

function optionsOf(args: readonly string[]) {
  try {
    const options = { queues: { type: 'string' }, concurrency: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error(`${USAGE}; ${messageOf(error).split('. ')[0]}.`);
  }
}

function takesImportsAlone(queues = ''): boolean {
  const names = queues.split(',').map((name) => name.trim());
  return names.includes('imports') && !names.includes('training');
}
