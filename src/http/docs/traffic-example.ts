import type { TrafficView } from '../../domain/traffic/traffic.ts';

/** The candidate of the story gets a tenth of the users. */
export const TRAFFIC: TrafficView = {
  model: 'movies',
  state: 'running',
  experiment: 'default',
  shares: { stable: 90, candidate: 10 },
  variants: [{ name: 'candidate', version: 5, serving: { state: 'live' } }],
  test: {
    metric: 'click-through',
    minimumUsers: 200,
    endAfter: { users: 20_000, days: 14 },
    alpha: 0.05,
    harm: 0,
    onEnd: 'promote',
    windowMinutes: 60,
    sample: 1,
  },
  shadow: null,
  endings: [],
  updatedAt: '2026-03-02T09:00:00.000Z',
};
