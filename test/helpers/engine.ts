import { createEngine, type Engine } from '../../src/tensor/engine.ts';

type Backend = 'auto' | 'native' | 'wasm' | 'cpu';

export const tensorBackend = (process.env.TENSOR_BACKEND || 'auto') as Backend;

let engine: Promise<Engine> | undefined;

/** The one engine of this test file's process. */
export function testEngine(): Promise<Engine> {
  engine ??= createEngine({ backend: tensorBackend });
  return engine;
}
