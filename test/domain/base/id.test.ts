import { describe, expect, it } from 'vitest';
import { idProblem } from '../../../src/domain/base/id.ts';

describe('an id', () => {
  it.each([
    'a',
    '0',
    ' ',
    '/',
    '..',
    '%00',
    'a b/c',
    '🎬',
    'é'.repeat(128),
    '🎬'.repeat(64),
    'x'.repeat(256),
  ])('may be %j', (id) => {
    expect(idProblem('itemId', id)).toBeNull();
  });

  it.each([
    ['', 'itemId is empty; give 1-256 bytes'],
    ['x'.repeat(257), 'itemId has 257 bytes; at most 256 are allowed'],
    ['é'.repeat(129), 'itemId has 258 bytes; at most 256 are allowed'],
    ['a\u0000', 'itemId contains a NUL character; remove it'],
    ['\udc00', 'itemId contains half of a surrogate pair; send well-formed Unicode'],
  ])('may not be %j', (id, reason) => {
    expect(idProblem('itemId', id)).toBe(reason);
  });
});
