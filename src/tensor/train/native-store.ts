import type { Context, Tensor } from '../backend/context.ts';
import type { Native } from '../backend/native.ts';
import type { Optimizer, ParameterStore, RowGradient, StepFactors } from './optimizer.ts';

export interface Initial {
  shape: readonly number[];
  values: Float32Array;
}

interface Variables {
  readonly shape: readonly number[];
  readonly value: Tensor;
  readonly m?: Tensor;
  readonly v?: Tensor;
}

let created = 0;

/** Parameters as TensorFlow resource variables, updated in place by the fused ResourceApply ops. */
export function createNativeStore(
  context: Context,
  initial: Record<string, Initial>,
  optimizer: Optimizer,
): ParameterStore {
  const { tf } = context;
  const native = context.native!;
  const all = new Map<string, Variables>();
  const store = `stillhouse-${created++}`;

  for (const [name, { shape, values }] of Object.entries(initial)) {
    const make = (slot: string) => variable(context, `${store}/${name}/${slot}`, shape);
    const slots = Object.fromEntries(optimizer.slots.map((slot) => [slot, make(slot)]));
    const variables: Variables = { shape, value: make('value'), ...slots };
    assign(context, variables.value, shape, values);
    for (const slot of optimizer.slots)
      assign(context, variables[slot]!, shape, new Float32Array(values.length));
    all.set(name, variables);
  }

  let scratch: Variables | undefined;
  const compact = (): Variables => {
    const make = (slot: string) => variable(context, `${store}//compact/${slot}`, []);
    scratch ??= {
      shape: [],
      value: make('value'),
      ...Object.fromEntries(optimizer.slots.map((slot) => [slot, make(slot)])),
    };
    return scratch;
  };

  const read = (resource: Tensor) => {
    const tensor = readVariable(native, resource);
    const values = tensor.dataSync() as Float32Array;
    tensor.dispose();
    return values;
  };

  return {
    // Lazy: once rows have been scattered into it, TensorFlow copies the whole variable for every read.
    view(name) {
      const { shape, value } = all.get(name)!;
      return native.lazy(shape, 'ReadVariableOp', [native.attr.type('dtype', 'float32')], [value]);
    },
    gather(name, ids) {
      const positions = tf.tensor1d(ids, 'int32');
      const rows = gatherVariable(native, all.get(name)!.value, positions);
      positions.dispose();
      return rows;
    },
    read: (name) => read(all.get(name)!.value),
    readSlot: (name, slot) => read(all.get(name)![slot]!),
    write: (name, values) => assign(context, all.get(name)!.value, all.get(name)!.shape, values),
    writeSlot: (name, slot, values) => assign(context, all.get(name)![slot]!, all.get(name)!.shape, values),
    apply: (name, gradient, factors) =>
      tf.tidy(() => applyDense(context, all.get(name)!, gradient, optimizer, factors)),
    applyRows: (name, gradient, factors) =>
      tf.tidy(() => applyRows(context, all.get(name)!, compact(), gradient, optimizer, factors)),
    dispose() {
      for (const { value, m, v } of [...all.values(), ...(scratch ? [scratch] : [])]) {
        for (const resource of [value, m, v]) {
          if (!resource) continue;
          native.run('DestroyResourceOp', [native.attr.bool('ignore_lookup_error', true)], [resource], 0);
          resource.dispose();
        }
      }
      all.clear();
      scratch = undefined;
    },
  };
}

function variable({ tf, native }: Context, name: string, shape: readonly number[]): Tensor {
  const { attr, one } = native!;
  return tf.keep(
    one(
      'VarHandleOp',
      [
        attr.string('container', ''),
        attr.string('shared_name', name),
        attr.type('dtype', 'float32'),
        attr.shape('shape', shape),
      ],
      [],
    ),
  );
}

function readVariable(native: Native, resource: Tensor): Tensor {
  return native.one('ReadVariableOp', [native.attr.type('dtype', 'float32')], [resource]);
}

function assign(
  { tf, native }: Context,
  resource: Tensor,
  shape: readonly number[],
  values: Float32Array,
): void {
  const { attr, run } = native!;
  // A copy: TensorFlow would keep the caller's array itself and later update it in place.
  const tensor = tf.tensor(values.slice(), [...shape]);
  run('AssignVariableOp', [attr.type('dtype', 'float32')], [resource, tensor], 0);
  tensor.dispose();
}

function applyDense(
  { tf, native }: Context,
  { value, m, v }: Variables,
  raw: Tensor,
  optimizer: Optimizer,
  { rate, beta1Power, beta2Power }: StepFactors,
): void {
  const { attr, run, constant } = native!;
  const attrs = [attr.type('T', 'float32'), attr.bool('use_locking', false)];
  const { kind, weightDecay } = optimizer;
  let gradient = raw;
  if (weightDecay > 0) {
    const current = readVariable(native!, value);
    const decay = tf.mul(current, kind === 'adamw' ? rate * weightDecay : weightDecay);
    current.dispose();
    if (kind === 'adamw') run('AssignSubVariableOp', [attr.type('dtype', 'float32')], [value, decay], 0);
    else gradient = tf.add(raw, decay);
  }
  const lr = constant(rate);
  if (kind === 'sgd' && !m) {
    run('ResourceApplyGradientDescent', attrs, [value, lr, gradient], 0);
  } else if (kind === 'sgd') {
    const extra = attr.bool('use_nesterov', false);
    const inputs = [value, m!, lr, gradient, constant(optimizer.momentum)];
    run('ResourceApplyMomentum', [...attrs, extra], inputs, 0);
  } else if (kind === 'adagrad') {
    const extra = attr.bool('update_slots', true);
    run(
      'ResourceApplyAdagradV2',
      [...attrs, extra],
      [value, v!, lr, constant(optimizer.epsilon), gradient],
      0,
    );
  } else {
    const powers = [tf.scalar(beta1Power), tf.scalar(beta2Power)];
    const factors = [lr, constant(optimizer.beta1), constant(optimizer.beta2), constant(optimizer.epsilon)];
    const extra = attr.bool('use_nesterov', false);
    run('ResourceApplyAdam', [...attrs, extra], [value, m!, v!, ...powers, ...factors, gradient], 0);
  }
}

/** Takes the touched rows of the parameter and its slots, steps them as a small table of their own, and puts them back. */
function applyRows(
  context: Context,
  table: Variables,
  compact: Variables,
  { ids, rows }: RowGradient,
  optimizer: Optimizer,
  factors: StepFactors,
): void {
  const native = context.native!;
  const dtype = [native.attr.type('dtype', 'float32')];
  const arrays = ['value', ...optimizer.slots] as const;
  for (const array of arrays) {
    const taken = gatherVariable(native, table[array]!, ids);
    native.run('AssignVariableOp', dtype, [compact[array]!, taken], 0);
    taken.dispose();
  }
  applyDense(context, compact, rows, optimizer, factors);
  for (const array of arrays) {
    const stepped = readVariable(native, compact[array]!);
    scatterUpdate(native, table[array]!, ids, stepped);
    stepped.dispose();
    native.run('DestroyResourceOp', [native.attr.bool('ignore_lookup_error', true)], [compact[array]!], 0);
  }
}

function gatherVariable({ attr, one }: Native, resource: Tensor, ids: Tensor): Tensor {
  const attrs = [
    attr.int('batch_dims', 0),
    attr.bool('validate_indices', true),
    attr.type('dtype', 'float32'),
    attr.type('Tindices', 'int32'),
  ];
  return one('ResourceGather', attrs, [resource, ids]);
}

function scatterUpdate({ attr, run }: Native, resource: Tensor, ids: Tensor, rows: Tensor): void {
  const attrs = [attr.type('dtype', 'float32'), attr.type('Tindices', 'int32')];
  run('ResourceScatterUpdate', attrs, [resource, ids, rows], 0);
}
