import { problem } from '../../core/errors.ts';

const NAME = /^[A-Za-z0-9._-]{1,255}$/;
const MAX_LENGTH = 1024;

/**
 * The key itself, when it is one: names of [A-Za-z0-9._-] between slashes, none of them `.` or `..`. So a key
 * cannot lead out of the store.
 * @throws problem('invalid-request')
 */
export function checkKey(key: string): string {
  const wrong = key.split('/').some((name: string) => !NAME.test(name) || name === '.' || name === '..');
  if (wrong || key.length > MAX_LENGTH) {
    throw problem(
      'invalid-request',
      `${JSON.stringify(key.slice(0, 100))} is not an artifact key; use names of A-Z a-z 0-9 . _ - separated by slashes`,
    );
  }
  return key;
}

/** @throws problem('invalid-request') for a range that ends before it begins */
export function checkRange(range?: { start: number; end: number }): void {
  if (range && !(range.start >= 0 && range.start <= range.end)) {
    throw problem('invalid-request', `bytes ${range.start}-${range.end} are not a range`);
  }
}
