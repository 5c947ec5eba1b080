import { describeLoss } from '../contract/loss-suite.ts';
import { hard, soft } from './batch.ts';

const rank = { kind: 'rankLabels', weight: 1, temperature: 2, top: 6, samples: 0 } as const;

describeLoss({ name: 'softLabels', losses: [soft()] });
describeLoss({
  name: 'softLabels, standardized, own items hidden, cooling down',
  losses: [
    soft({
      scores: 'standardized',
      ownItems: 'hidden',
      temperature: { schedule: 'cosine', from: 1, to: 0.3 },
    }),
  ],
});
describeLoss({ name: 'softLabels, sampled', losses: [soft({ top: 8, samples: 10 })] });
describeLoss({ name: 'rankLabels', losses: [rank] });
describeLoss({ name: 'rankLabels, sampled', losses: [{ ...rank, samples: 10 }] });
describeLoss({ name: 'hardLabels', losses: [hard()] });
const rrd = { kind: 'rrd', weight: 1, ownItems: 'hidden', top: 6, samples: 6 } as const;
describeLoss({ name: 'rrd', losses: [{ ...rrd, side: 'users' }] });
describeLoss({ name: 'rrd, users by item', losses: [{ ...rrd, side: 'items' }, rank] });
describeLoss({
  name: 'rce-kd',
  losses: [{ kind: 'rce-kd', weight: 1, temperature: 1, ownItems: 'hidden', top: 4, samples: 5 }],
});
describeLoss({
  name: 'dcd',
  losses: [{ kind: 'dcd', weight: 1, temperature: 10, top: 4, samples: 6, side: 'both' }, rank],
});
describeLoss({ name: 'fitnet', losses: [{ kind: 'fitnet', weight: 0.5 }, rank] });
describeLoss({ name: 'de', losses: [{ kind: 'de', weight: 0.5, experts: 3 }, rank] });
describeLoss({ name: 'ftd', losses: [{ kind: 'ftd', weight: 1 }, rank] });
describeLoss({ name: 'htd', losses: [{ kind: 'htd', weight: 1, groups: 2 }, rank] });
