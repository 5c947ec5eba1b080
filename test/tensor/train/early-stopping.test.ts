import { describe, expect, it } from 'vitest';
import {
  createEarlyStopping,
  type EarlyStoppingState,
  type Validation,
} from '../../../src/tensor/train/early-stopping.ts';
import type { Parameters } from '../../../src/tensor/train/parameters.ts';

/** Runs epochs until they end or patience has; before each one `w` becomes its number. */
async function epochs(
  count: number,
  metrics: number[],
  settings: Omit<Validation, 'metric'>,
  resumed?: EarlyStoppingState,
) {
  let w = 0;
  const parameters = {
    readAll: () => ({ w: Float32Array.of(w) }),
    write: (_name: string, [value]: Float32Array) => {
      w = value!;
    },
  } as Partial<Parameters> as Parameters;
  const left = [...metrics];
  const stopping = createEarlyStopping({ ...settings, metric: () => left.shift()! }, parameters, resumed);
  const measured: (number | undefined)[] = [];
  for (let epoch = 1; epoch <= count && !stopping.exhausted; epoch++) {
    w = epoch;
    measured.push(await stopping.afterEpoch(epoch, epoch === count));
  }
  stopping.restoreBest();
  return {
    measured,
    best: stopping.best,
    restored: w,
    exhausted: stopping.exhausted,
    state: stopping.state(),
  };
}

describe('early stopping', () => {
  it('validates every n-th epoch, and the last one whatever its number', async () => {
    expect(await epochs(3, [0.5, 0.7], { every: 2 })).toMatchObject({
      measured: [undefined, 0.5, 0.7],
      best: { epoch: 3, metric: 0.7 },
      restored: 3,
      exhausted: false,
    });
  });

  it('takes a tie for no improvement: the earlier weights stay, and patience runs', async () => {
    expect(await epochs(3, [0.5, 0.5, 0.9], { patience: 1 })).toMatchObject({
      measured: [0.5, 0.5],
      best: { epoch: 1, metric: 0.5 },
      restored: 1,
      exhausted: true,
    });
  });

  it('starts to wait again after a better metric', async () => {
    const run = await epochs(9, [0.5, 0.4, 0.6, 0.5, 0.4, 0.9], { patience: 2 });
    expect(run).toMatchObject({ best: { epoch: 3, metric: 0.6 }, restored: 3, exhausted: true });
    expect(run.measured).toHaveLength(5);
  });

  it('goes on to the end without patience, and restores the best weights', async () => {
    const run = await epochs(4, [0.1, 0.4, 0.3, 0.2], {});
    expect(run).toMatchObject({ best: { epoch: 2, metric: 0.4 }, restored: 2, exhausted: false });
    expect(run.measured).toHaveLength(4);
  });

  it('refuses a metric that is no number, with its epoch', async () => {
    await expect(epochs(2, [0.1, Number.NaN], {})).rejects.toMatchObject({
      code: 'training-diverged',
      detail: 'the validation metric is NaN after epoch 2',
      extra: { epoch: 2 },
    });
  });

  it('goes on from what was kept: its best weights and how long it has waited', async () => {
    const before = await epochs(3, [0.6, 0.4, 0.4], { patience: 3 });
    expect(before.state).toEqual({
      bestEpoch: 1,
      bestMetric: 0.6,
      bestValues: { w: Float32Array.of(1) },
      waited: 2,
    });
    const after = await epochs(3, [0.5], { patience: 3 }, before.state);
    expect(after).toMatchObject({ measured: [0.5], restored: 1, exhausted: true });
  });

  it('leaves the weights as they are where nothing was measured', async () => {
    expect(await epochs(0, [], {})).toMatchObject({ best: undefined, restored: 0 });
  });
});
