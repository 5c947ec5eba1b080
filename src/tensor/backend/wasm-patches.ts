import type { Tensor, Tfjs } from './context.ts';

/**
 * Two kernels that tfjs lacks or that are too slow to train with, registered for one composed backend:
 * the gradient of BatchMatMul (wasm multiplies transposed matrices twenty times slower than it transposes and multiplies) and
 * UnsortedSegmentSum (absent on wasm, quadratic on cpu).
 */
export function patchComposedKernels(tf: Tfjs, backend: 'wasm' | 'cpu'): void {
  tf.unregisterGradient('BatchMatMul');
  tf.registerGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attrs) => {
      const [a, b] = saved as [Tensor, Tensor];
      const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
      const times = (x: Tensor, y: Tensor) => tf.matMul(x, y) as Tensor;
      const g = dy as Tensor;
      const t = (x: Tensor) => swapLast(tf, x);
      // With A = op(a), B = op(b): dA = dy·Bᵀ and dB = Aᵀ·dy, each transposed back when op transposes.
      const dA = () => times(g, transposeB ? b : t(b));
      const dB = () => times(transposeA ? a : t(a), g);
      return { a: () => (transposeA ? t(dA()) : dA()), b: () => (transposeB ? t(dB()) : dB()) };
    },
  });
  if (tf.getKernel('UnsortedSegmentSum', backend)) tf.unregisterKernel('UnsortedSegmentSum', backend);
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: backend,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, segmentIds } = inputs as unknown as { x: Tensor; segmentIds: Tensor };
      const count = (attrs as { numSegments: number }).numSegments;
      const positions = tf.expandDims(asTensor(tf, segmentIds), 1);
      return tf.scatterND(positions, asTensor(tf, x), [count, ...x.shape.slice(1)]);
    },
  });
}

function swapLast(tf: Tfjs, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  axes.push(...axes.splice(-2).reverse());
  return tf.transpose(x, axes);
}

function asTensor(tf: Tfjs, info: Tensor): Tensor {
  return info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info);
}
