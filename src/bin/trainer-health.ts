// Tells the worker that forked it what a trainer finds on this machine, and exits: the worker itself never loads
// TensorFlow. On a GPU this is the warm-up as well, whose compiled kernels stay in CUDA_CACHE_PATH.
import { readConfig } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import type { HealthMessage } from '../jobs/contract.ts';
import { createEngine } from '../tensor/engine.ts';
import { measureHealth } from '../tensor/health.ts';

process.on('disconnect', () => process.exit(1));

const message = await createEngine({ backend: readConfig().tensorBackend }).then(
  (engine): HealthMessage => ({ kind: 'health', health: measureHealth(engine) }),
  (error): HealthMessage => ({ kind: 'failed', reason: messageOf(error) }),
);
process.send?.(message, undefined, undefined, () => process.exit(0));
