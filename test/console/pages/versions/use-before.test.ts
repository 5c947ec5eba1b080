import { expect, it } from 'vitest';
import { beforeIn } from '../../../../src/console/pages/versions/use-before.ts';

const set = (version: number) => ({ version, action: 'set' as const });
const pageOf = (versions: number[], nextCursor: string | null = null) => ({
  data: versions.map((version) => ({ version })),
  nextCursor,
});

it('is the nearest version before that is still there', () => {
  const moves = [set(4), set(3), set(2)];
  expect(beforeIn(moves, pageOf([4, 3, 2]))).toBe(3);
  expect(beforeIn(moves, pageOf([4, 2]))).toBe(2);
  expect(beforeIn(moves, pageOf([4]))).toBe('none');
  expect(beforeIn(moves, pageOf([4], 'more'))).toBe('unknown');
});
