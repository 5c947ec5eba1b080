import { describe, expect, it } from 'vitest';
import type { Teacher } from '../../src/teacher/contract.ts';
import { type Decided, decided, KEPT, type Wrapping, wrapTeacher } from '../../src/teacher/wrap.ts';

const dropped = {
  itemFactors: undefined,
  listed: undefined,
  unknown: undefined,
  foldIn: undefined,
  members: undefined,
  reads: undefined,
  withItems: undefined,
  tried: undefined,
};
const scores: Teacher['scores'] = () => {
  throw new Error('not asked here');
};
const whole = {
  ...dropped,
  kind: 'toy',
  description: 'toy',
  parameters: 1,
  bytes: 4,
  epochs: 1,
  settings: { kind: 'toy' },
  scores,
  hidden: scores,
  project: (directions: Float32Array) => directions,
  state: () => ({ kind: 'toy', settings: {}, epochs: 1, tensors: {} }),
  dispose: () => {},
} satisfies Decided;
const inner = decided(whole);
const kept = Object.fromEntries(Object.keys(whole).map((name) => [name, KEPT])) as unknown as Wrapping;

describe('a teacher around another one', () => {
  it('has what is kept, what it says itself, and nothing that is left out', () => {
    const teacher = wrapTeacher(inner, { ...kept, description: 'wrapped toy', hidden: undefined });
    expect(teacher.description).toBe('wrapped toy');
    expect(teacher.scores).toBe(scores);
    expect(Object.keys(inner)).toContain('hidden');
    expect(Object.keys(teacher)).not.toContain('hidden');
    expect(Object.keys(teacher)).not.toContain('itemFactors');
  });

  it('must decide about every member, which the compiler checks here', () => {
    const { hidden: _, ...undecided } = whole;
    // @ts-expect-error nobody has decided about `hidden`
    decided(undecided);
    // @ts-expect-error nor here, where others are kept
    wrapTeacher(inner, { ...undecided, kind: KEPT });
    // @ts-expect-error what every teacher has cannot be left out
    const without: Wrapping = { ...kept, scores: undefined };
    expect(without.scores).toBeUndefined();
  });

  it('must decide about a member that is new', () => {
    interface Later extends Teacher {
      calibrated?: boolean;
    }
    // @ts-expect-error `whole` was written before, and does not say what becomes of `calibrated`
    const before: Decided<Later> = whole;
    const after: Decided<Later> = { ...whole, calibrated: undefined };
    expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 1);
  });
});
