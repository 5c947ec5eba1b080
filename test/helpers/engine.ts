import { expect } from 'vitest';
import { createEngine, type Engine } from '../../src/tensor/engine.ts';

type Backend = 'auto' | 'native' | 'wasm' | 'cpu';

export const tensorBackend = (process.env.TENSOR_BACKEND || 'auto') as Backend;

let engine: Promise<Engine> | undefined;

/** The one engine of this test file's process. */
export function testEngine(): Promise<Engine> {
  engine ??= createEngine({ backend: tensorBackend });
  return engine;
}

/** Does the work twice: what the first run leaves, such as cached constants, is no leak; what the second adds is. */
export async function expectNoLeak(work: () => Promise<unknown>): Promise<void> {
  const { numTensors } = await testEngine();
  await work();
  const before = numTensors();
  await work();
  expect(numTensors()).toBeLessThanOrEqual(before);
}
