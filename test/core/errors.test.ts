import { expect, it } from 'vitest';
import { AppError, isProblemCode, messageOf, problem } from '../../src/core/errors.ts';

it('a problem carries what its code means', () => {
  const cause = new Error('SQLITE_FULL');
  const error = problem('store-unavailable', 'The disk is full', { path: 'x' }, cause);
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({
    code: 'store-unavailable',
    status: 503,
    title: 'The database is not usable',
    retryable: true,
    detail: 'The disk is full',
    message: 'The disk is full',
    extra: { path: 'x' },
    cause,
  });
});

it('what the client did wrong is not retryable', () => {
  expect(problem('invalid-request', 'k is 0').retryable).toBe(false);
});

it('only codes of the catalogue count, not what every object has', () => {
  expect(isProblemCode('not-found')).toBe(true);
  expect(isProblemCode('toString')).toBe(false);
  expect(isProblemCode('nonsense')).toBe(false);
});

it('anything thrown has a message', () => {
  expect(messageOf(new TypeError('no'))).toBe('no');
  expect(messageOf('text')).toBe('text');
  expect(messageOf(undefined)).toBe('undefined');
});
