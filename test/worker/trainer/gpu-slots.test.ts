import { expect, it } from 'vitest';
import { createGpuSlots } from '../../../src/worker/trainer/gpu-slots.ts';

it('shows each trainer one GPU, the least busy one', () => {
  const slots = createGpuSlots('2,5');
  const first = slots.take();
  const second = slots.take();
  expect([first.env, second.env]).toEqual([{ CUDA_VISIBLE_DEVICES: '2' }, { CUDA_VISIBLE_DEVICES: '5' }]);
  second.release();
  expect(slots.take().env).toEqual({ CUDA_VISIBLE_DEVICES: '5' });
});

it('shares GPUs when there are more trainers than GPUs', () => {
  const slots = createGpuSlots(undefined, () => ['0']);
  slots.take();
  expect(slots.take().env).toEqual({ CUDA_VISIBLE_DEVICES: '0' });
});

it('leaves the environment alone without GPUs, or where all are hidden', () => {
  expect(createGpuSlots(undefined, () => []).take().env).toEqual({});
  expect(createGpuSlots('').take().env).toEqual({});
  expect(createGpuSlots('-1', () => ['0']).take().env).toEqual({});
});
