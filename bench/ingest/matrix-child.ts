import { buildDataset } from '../../src/dataset/build.ts';
import { usuallyMeant } from '../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { createStore } from '../../src/store/create-store.ts';
import { planMeanings } from '../../src/training/run/plan-job.ts';

export interface MatrixMeasured {
  pairs: number;
  hash: string;
  seconds: number;
  peakRssMb: number;
}

// Reads all ratings of a database as a trainer does, in a process of its own, so that no other memory counts.
const store = await createStore(process.argv[2]!);
const weighting = planMeanings(
  completeDistillation({ model: 'bench', dataset: { types: { rating: {} } } }),
  ['rating'],
  usuallyMeant,
).weighting;
const started = performance.now();
const { matrix, hash } = await store.interactions.snapshot((source) => buildDataset(source, weighting));
const seconds = (performance.now() - started) / 1000;
await store.close();
const measured: MatrixMeasured = {
  pairs: matrix.indices.length,
  hash,
  seconds,
  peakRssMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
};
process.send!(measured, () => process.exit(0));
