import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { trainerEnvironment } from '../../../src/worker/trainer/trainer-environment.ts';
import { probeTrainer } from '../../../src/worker/trainer/trainer-health.ts';
import { nativeMissing } from '../../tensor/native-available.ts';

const file = pathToFileURL(path.resolve(import.meta.dirname, '../../../dist/bin/trainer-health.js'));
const never = new AbortController().signal;

function environment(tensorBackend: string): Record<string, string | undefined> {
  return { ...trainerEnvironment(process.env, 1, '/nowhere'), TENSOR_BACKEND: tensorBackend };
}

it('says which backend a trainer finds here, with a timed product', async () => {
  const health = await probeTrainer({ file, env: environment('wasm') }, never);
  expect(health).toMatchObject({ backend: 'wasm', requested: 'wasm', tensorflow: null });
  expect(health.matmulMs).toBeGreaterThan(0);
  expect(health.memoryMiB).toBeGreaterThan(100);
});

const missing = await nativeMissing();
it.skipIf(missing)(
  `names TensorFlow where there is one${missing ? ` (skipped: ${missing})` : ''}`,
  async () => {
    const health = await probeTrainer({ file, env: environment('native') }, never);
    expect(health).toMatchObject({ backend: 'native', tensorflow: expect.stringMatching(/^2\./) });
    expect(health.matmulMs).toBeGreaterThan(0);
  },
);

it('gives trainers an environment in which what the operator has set wins', () => {
  const own = { TF_NUM_INTRAOP_THREADS: '7', GLIBC_TUNABLES: '', NVIDIA_TF32_OVERRIDE: '0' };
  const env = trainerEnvironment(own, 1, '/nowhere');
  expect(env).toMatchObject({
    ...own,
    CUDA_CACHE_PATH: '/nowhere/cuda-cache',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
});

it('says why there is no trainer when the backend that was asked for cannot be had', async () => {
  // No device is visible, so that this holds on a machine with a GPU as well.
  const env = { ...environment('gpu'), CUDA_VISIBLE_DEVICES: '' };
  await expect(probeTrainer({ file, env }, never)).rejects.toThrow(/gpu/i);
});

it('ends at once when the worker stops', async () => {
  const stopping = new AbortController();
  const probed = probeTrainer({ file, env: environment('wasm') }, stopping.signal);
  stopping.abort();
  await expect(probed).rejects.toThrow(/abort/i);
});

it('says how a probe ended that died without a word', async () => {
  const missing = pathToFileURL(path.resolve(import.meta.dirname, 'no-such-probe.js'));
  await expect(probeTrainer({ file: missing, env: process.env }, never)).rejects.toThrow(/ended with 1/);
});
