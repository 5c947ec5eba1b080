import type { Context, Tensor } from './context.ts';

type Gradients<K extends string> = Record<K, () => Tensor>;

interface KernelRunner {
  runKernelFunc(call: {
    forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => Tensor;
    backwardsFunc: (dy: Tensor, saved: Tensor[]) => Record<string, () => Tensor>;
    inputs: Record<string, Tensor>;
  }): Tensor;
}

/**
 * An op with a gradient of our own. Unlike tf.customGrad each input's gradient is a thunk that runs only when
 * something trainable lies behind that input, so frozen weights and data cost nothing on the way back.
 *
 * @param forward runs without a tape; what it passes to `save` reaches `backward`
 * @param backward one thunk per input, each giving a tensor of that input's shape
 */
export function differentiable<K extends string>(
  { tf }: Context,
  inputs: Record<K, Tensor>,
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  backward: (dy: Tensor, saved: Tensor[]) => Gradients<K>,
): Tensor {
  // runKernelFunc is what tf.customGrad itself calls; it is private in the typings only.
  const engine = tf.engine() as unknown as KernelRunner;
  return engine.runKernelFunc({ forwardFunc: (_, save) => forward(save), backwardsFunc: backward, inputs });
}
