import type { Tensor, Tfjs } from './tensor-types.ts';

interface Binding {
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  executeOp(name: string, attrs: Attribute[], inputs: number[], outputs: number): OutputInfo[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

interface OutputInfo {
  id: number;
  shape: number[];
  dtype: number;
}

interface NativeKernelBackend {
  readonly binding: Binding;
  readonly isUsingGpuDevice: boolean;
  readonly tensorMap: {
    set(dataId: object, info: OutputInfo & { values: null; refCount: number }): void;
  };
  getInputTensorIds(tensors: readonly Tensor[]): number[];
}

export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** Every op of the TensorFlow library, called by name. */
export interface Native {
  readonly attr: {
    type(name: string, dtype: 'float32' | 'int32' | 'int64'): Attribute;
    bool(name: string, value: boolean): Attribute;
    int(name: string, value: number | number[]): Attribute;
    float(name: string, value: number): Attribute;
    string(name: string, value: string): Attribute;
    shape(name: string, value: readonly number[]): Attribute;
  };
  /** Runs an op with `outputs` results. The results are ordinary tensors of the current tidy scope. */
  run(op: string, attrs: readonly Attribute[], inputs: readonly Tensor[], outputs: number): Tensor[];
  /** Runs an op with one result. */
  one(op: string, attrs: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  /** An int64 tensor; tfjs sees it as int32, so it may only be given to ops that want int64. */
  int64(values: ArrayLike<number>, shape: number[]): Tensor;
  /** A float tensor that is computed when an op first needs it. Call `close` before disposing it, else disposing computes it. */
  lazy(
    shape: readonly number[],
    op: string,
    attrs: Attribute[],
    inputs: Tensor[],
  ): { tensor: Tensor; close(): void };
  /** A float scalar that lives as long as the process; for hyper-parameters that seldom change. */
  constant(value: number): Tensor;
  /** Live handles but those of the constants, which are kept on purpose. */
  handles(): number;
  readonly usesGpu: boolean;
  readonly version: string;
}

/** Wraps the backend that @tensorflow/tfjs-node-gpu registered. Its own executeOp helpers print a note per int64 tensor and refuse variants. */
export function createNative(tf: Tfjs): Native {
  const backend = tf.backend() as unknown as NativeKernelBackend;
  const { binding } = backend;
  const dtypes = { float32: binding.TF_FLOAT, int32: binding.TF_INT32, int64: binding.TF_INT64 };
  const constants = new Map<number, Tensor>();

  function adopt(output: OutputInfo): Tensor {
    const dataId = {};
    backend.tensorMap.set(dataId, { ...output, values: null, refCount: 1 });
    const dtype = output.dtype === binding.TF_FLOAT ? 'float32' : 'int32';
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: output.shape, dtype });
  }

  function run(op: string, attrs: readonly Attribute[], inputs: readonly Tensor[], outputs: number) {
    return binding.executeOp(op, attrs as Attribute[], backend.getInputTensorIds(inputs), outputs).map(adopt);
  }

  function int64(values: ArrayLike<number>, shape: number[]): Tensor {
    const words = new Int32Array(values.length * 2);
    for (let i = 0; i < values.length; i++) words[2 * i] = values[i]!;
    const id = binding.createTensor(shape, binding.TF_INT64, words);
    return adopt({ id, shape, dtype: binding.TF_INT64 });
  }

  function lazy(shape: readonly number[], op: string, attrs: Attribute[], inputs: Tensor[]) {
    let id = -1;
    let open = true;
    const dataId = {};
    backend.tensorMap.set(dataId, {
      shape: [...shape],
      dtype: binding.TF_FLOAT,
      values: null,
      refCount: 1,
      get id() {
        if (id < 0 && open) id = binding.executeOp(op, attrs, backend.getInputTensorIds(inputs), 1)[0]!.id;
        return id;
      },
    });
    const tensor = tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' });
    return {
      tensor,
      close() {
        open = false;
      },
    };
  }

  function constant(value: number): Tensor {
    let tensor = constants.get(value);
    if (!tensor) {
      if (constants.size >= 256) {
        for (const old of constants.values()) old.dispose();
        constants.clear();
      }
      tensor = tf.keep(tf.scalar(value));
      constants.set(value, tensor);
    }
    return tensor;
  }

  return {
    attr: {
      type: (name, dtype) => ({ name, type: binding.TF_ATTR_TYPE, value: dtypes[dtype] }),
      bool: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
      int: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
      float: (name, value) => ({ name, type: binding.TF_ATTR_FLOAT, value }),
      string: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
      shape: (name, value) => ({ name, type: binding.TF_ATTR_SHAPE, value: [...value] }),
    },
    run,
    one: (op, attrs, inputs) => run(op, attrs, inputs, 1)[0]!,
    int64,
    lazy,
    constant,
    handles: () => binding.getNumOfTensors() - constants.size,
    usesGpu: backend.isUsingGpuDevice,
    version: binding.TF_Version,
  };
}
