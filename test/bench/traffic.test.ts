import { describe, expect, it } from 'vitest';
import { playExperiment, type Scenario } from '../../bench/traffic/simulate.ts';
import { createTimeline } from '../../bench/traffic/timeline.ts';

describe('experiments on simulated users', () => {
  const clicks = { name: '', metric: 'click-through', candidate: 50, rate: 0.2, users: 3000 } as const;
  const ends = (scenario: Scenario) =>
    Array.from({ length: 5 }, (_, seed) => playExperiment(scenario, seed + 1).kind);

  it.each([
    ['better', 1.5],
    ['worse', 0.5],
  ] as const)('end with the candidate as %s where that is so', (kind, lift) => {
    expect(new Set(ends({ ...clicks, lift }))).toEqual(new Set([kind]));
  });

  it('promote nothing where there is no difference', () => {
    expect(new Set(ends({ ...clicks, lift: 1 }))).toEqual(new Set(['undecided']));
  });
});

it('an answer is held against what was current around it', async () => {
  let now = 0;
  const timeline = createTimeline([1], 1000, () => now);
  now = 5000;
  await timeline.change(async () => {
    now = 5100;
    return [2, 3];
  });
  const isCurrent = (sent: number, got: number, version: number | null) =>
    timeline.isCurrent({ sent, got, version });
  // Asked for at 5000: it may answer from then on, and the one before for a second after the answer to the change.
  expect([isCurrent(4990, 4999, 2), isCurrent(4990, 5001, 2), isCurrent(9000, 9001, 3)]).toEqual([
    false,
    true,
    true,
  ]);
  expect([isCurrent(6100, 6101, 1), isCurrent(6101, 6102, 1)]).toEqual([true, false]);
  expect([isCurrent(5500, 5501, 4), isCurrent(5500, 5501, null)]).toEqual([false, false]);
});
