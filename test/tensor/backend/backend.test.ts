import { expect, test } from 'vitest';
import { createEngine } from '../../../src/tensor/engine.ts';
import { createParameters } from '../../../src/tensor/train/parameters.ts';
import { nativeMissing } from '../native-available.ts';

const missing = await nativeMissing();
const { report } = await createEngine({ threads: 2 });

test('auto takes the best there is and says why not a better one', async () => {
  const native = await createEngine({ backend: 'native', threads: 2 }).then(
    () => 'native',
    () => 'wasm',
  );
  expect(report.requested).toBe('auto');
  expect(report.name).toBe(report.device ? 'gpu' : native);
  if (report.name !== 'gpu') expect(report.reason).toMatch(/GPU|TensorFlow could not be loaded/);
});

const noRefusal = missing ?? (report.name === 'gpu' ? 'there is a GPU' : undefined);
test.skipIf(noRefusal)(
  `gpu without one is an error with driver, devices and library${why(noRefusal)}`,
  async () => {
    const refused = createEngine({ backend: 'gpu', threads: 2 });
    await expect(refused).rejects.toMatchObject({ code: 'backend-unavailable' });
    await expect(refused).rejects.toThrow(/driver: .+; devices: .+; library: /);
  },
);

test.skipIf(missing)(
  `a tensor that does not fit is an out-of-memory problem with its size${why(missing)}`,
  async () => {
    const engine = await createEngine({ threads: 2 });
    const values = new Float32Array(1);
    const parameters = createParameters(
      engine,
      { w: { shape: [1], values } },
      { kind: 'sgd', learningRate: 1 },
    );
    const { tf } = engine;
    const host = () => parameters.evaluate(() => tf.zeros([3_000_000, 1_000_000]));
    expect(host).toThrow(/3000000000000 elements \(11444092 MiB\); lower the batch size/);
    const library = () =>
      parameters.evaluate(() => tf.matMul(tf.zeros([4_000_000, 1]), tf.zeros([1, 4_000_000])));
    expect(library).toThrow(/shape \[4000000,4000000\] \(61035157 MiB\); lower the batch size/);
    expect(() => parameters.evaluate(({ w }) => w!.square())).not.toThrow();
  },
);

function why(reason: string | undefined): string {
  return reason ? ` (skipped: ${reason})` : '';
}
