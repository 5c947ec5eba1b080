import type { Online } from '../../domain/traffic/online.ts';
import { TRAFFIC } from './traffic-example.ts';

const VERSION = {
  conversions: 0,
  conversionsPerServed: 0,
  conversionsInterval: { low: 0, high: 0, level: 0.95 },
  revenue: 0,
  revenuePerServed: 0,
  revenueInterval: { low: 0, high: 0, level: 0.95 },
};

/** Two weeks of an experiment in which the candidate has not been shown to be better yet. */
export const ONLINE: Online = {
  model: 'movies',
  sample: 'a sample of recommendations served in the last 30 days',
  sampleRate: 0.1,
  traffic: 'running',
  versions: [
    {
      ...VERSION,
      ...{ version: 5, variant: 'candidate', users: 410, served: 1210, clicked: 106 },
      clickThroughRate: 0.0876,
      clickThroughInterval: { low: 0.0682, high: 0.107, level: 0.95 },
      ...{ itemsShown: 12_100, itemsClicked: 121, itemClickThroughRate: 0.01 },
    },
    {
      ...VERSION,
      ...{ version: 4, variant: 'stable', users: 3800, served: 11_400, clicked: 912 },
      clickThroughRate: 0.08,
      clickThroughInterval: { low: 0.0741, high: 0.0859, level: 0.95 },
      ...{ itemsShown: 114_000, itemsClicked: 1049, itemClickThroughRate: 0.0092 },
    },
  ],
  experiment: {
    experiment: 'default',
    state: 'running',
    since: TRAFFIC.updatedAt,
    test: TRAFFIC.test!,
    variants: [
      { name: 'stable', version: 4, users: 3790, served: 7100, mean: 0.081 },
      { name: 'candidate', version: 5, users: 409, served: 760, mean: 0.0874 },
    ],
    comparisons: [
      {
        variant: 'candidate',
        verdict: 'open',
        difference: { estimate: 0.0064, low: -0.032, high: 0.0448, pValue: 1 },
      },
    ],
    endings: [],
  },
  shadows: [],
};
