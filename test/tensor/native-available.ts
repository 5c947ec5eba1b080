import { createEngine } from '../../src/tensor/engine.ts';

/** Why native TensorFlow cannot be tested here; undefined when it can. */
export async function nativeMissing(): Promise<string | undefined> {
  if (process.env.TENSOR_BACKEND === 'wasm')
    return 'TENSOR_BACKEND=wasm asks for a run without native TensorFlow';
  try {
    await createEngine({ backend: 'native', threads: 2 });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
