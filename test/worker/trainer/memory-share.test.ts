import { describe, expect, it } from 'vitest';
import { memoryShareMiB } from '../../../src/worker/trainer/memory-share.ts';

describe('the memory of a trainer', () => {
  it('is four fifths of that of the machine, shared by the trainers that run at once', () => {
    expect(memoryShareMiB(1, 10 * 2 ** 30)).toBe(8192);
    expect(memoryShareMiB(4, 10 * 2 ** 30)).toBe(2048);
  });

  it('is known without being told', () => {
    expect(memoryShareMiB(1)).toBeGreaterThan(100);
    expect(memoryShareMiB(2)).toBe(Math.floor(memoryShareMiB(1) / 2));
  });
});
