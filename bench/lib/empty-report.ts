import type { Assessment } from '../../src/training/task.ts';

/** The assessment of a job whose figures a bench takes by itself. */
export function emptyAssessment(hash: string, settings: object): Assessment {
  const none = 0;
  return {
    report: {
      headlineMetric: 'ndcg@10',
      models: [],
      comparison: {
        compressionRatio: 1,
        ...{ retained: {}, keptByRounding: {}, gainOverAlone: {}, gainOverBaseline: {} },
      },
      data: {
        ...{ users: none, items: none, interactions: none, testUsers: none },
        ...{ train: none, validation: none, test: none },
        split: '',
        hash,
      },
      protocol: { interval: '' },
      settings,
    },
    summary: { metrics: {}, compressionRatio: 1 },
  };
}
