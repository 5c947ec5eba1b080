import { describe, expect, it } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { crashFailure, failureOf } from '../../../src/worker/trainer/outcome.ts';

describe('the failure of a crashed trainer', () => {
  it('names the signal and carries the last words', () => {
    const failure = crashFailure({ exitCode: null, signal: 'SIGSEGV', stderr: 'one\ntwo' });
    expect(failure.retryable).toBe(true);
    expect(failure.problem).toMatchObject({
      code: 'trainer-crashed',
      status: 500,
      detail: 'The trainer process was ended by SIGSEGV: two',
      stderr: 'one\ntwo',
    });
  });

  it('is not tried again when memory ran out: it would run out again', () => {
    const stderr = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    const failure = crashFailure({ exitCode: null, signal: 'SIGABRT', stderr });
    expect(failure).toMatchObject({ retryable: false, problem: { code: 'out-of-memory' } });
    expect(failure.problem.detail).toMatch(/lower the batch size, .*TENSOR_MEMORY_MIB/);
  });

  it('says what may be behind a kill that nobody sent', () => {
    const { problem } = crashFailure({ exitCode: null, signal: 'SIGKILL', stderr: '' });
    expect(problem).toMatchObject({ code: 'trainer-crashed' });
    expect(problem.detail).toMatch(/SIGKILL.*out of memory: lower the batch size/);
  });
});

describe('the failure of anything thrown', () => {
  it('keeps what is known, with its further members', () => {
    const failure = failureOf(problem('not-enough-data', 'There are 3 interactions.', { interactions: 3 }));
    expect(failure).toMatchObject({
      retryable: false,
      problem: { code: 'not-enough-data', status: 422, detail: 'There are 3 interactions.', interactions: 3 },
    });
  });

  it('is internal and tried again when nobody foresaw it', () => {
    expect(failureOf(new TypeError('x is not a function'))).toMatchObject({
      retryable: true,
      problem: { code: 'internal', detail: 'x is not a function' },
    });
  });
});
