import type { Context, Tensor } from './context.ts';
import type { Native } from './native.ts';
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

  const read = (resource: Tensor) => {
    const tensor = readVariable(native, resource);
    const values = tensor.dataSync() as Float32Array;
    tensor.dispose();
    return values;
  };

  return {
    view: (name) => readVariable(native, all.get(name)!.value),
    read: (name) => read(all.get(name)!.value),
    readSlot: (name, slot) => read(all.get(name)![slot]!),
    write: (name, values) => assign(context, all.get(name)!.value, all.get(name)!.shape, values),
    writeSlot: (name, slot, values) => assign(context, all.get(name)![slot]!, all.get(name)!.shape, values),
    apply: (name, gradient, factors) =>
      tf.tidy(() => applyDense(context, all.get(name)!, gradient, optimizer, factors)),
    applyRows: (name, gradient, factors) =>
      tf.tidy(() => applyRows(context, all.get(name)!, gradient, optimizer, factors)),
    dispose() {
      for (const { value, m, v } of all.values()) {
        for (const resource of [value, m, v]) {
          if (!resource) continue;
          native.run('DestroyResourceOp', [native.attr.bool('ignore_lookup_error', true)], [resource], 0);
          resource.dispose();
        }
      }
      all.clear();
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
  if (kind === 'sgd') {
    if (!m) return void run('ResourceApplyGradientDescent', attrs, [value, lr, gradient], 0);
    const momentum = constant(optimizer.momentum);
    const nesterov = attr.bool('use_nesterov', false);
    return void run('ResourceApplyMomentum', [...attrs, nesterov], [value, m, lr, gradient, momentum], 0);
  }
  const epsilon = constant(optimizer.epsilon);
  if (kind === 'adagrad') {
    const update = attr.bool('update_slots', true);
    return void run('ResourceApplyAdagradV2', [...attrs, update], [value, v!, lr, epsilon, gradient], 0);
  }
  const nesterov = attr.bool('use_nesterov', false);
  const powers = [tf.scalar(beta1Power), tf.scalar(beta2Power)];
  const betas = [constant(optimizer.beta1), constant(optimizer.beta2)];
  run(
    'ResourceApplyAdam',
    [...attrs, nesterov],
    [value, m!, v!, ...powers, lr, ...betas, epsilon, gradient],
    0,
  );
}

function applyRows(
  context: Context,
  { value, m, v }: Variables,
  { ids, rows: raw }: RowGradient,
  optimizer: Optimizer,
  factors: StepFactors,
): void {
  const { tf } = context;
  const { kind, weightDecay, momentum, epsilon } = optimizer;
  const { rate } = factors;
  const native = context.native!;
  let rows = raw;
  if (weightDecay > 0) {
    const current = gatherVariable(native, value, ids);
    if (kind === 'adamw') scatter(native, 'Sub', value, ids, tf.mul(current, rate * weightDecay));
    else rows = tf.add(raw, tf.mul(current, weightDecay));
  }
  if (kind === 'sgd') {
    let step = rows;
    if (m) {
      step = tf.add(tf.mul(gatherVariable(native, m, ids), momentum), rows);
      scatter(native, 'Update', m, ids, step);
    }
    return scatter(native, 'Sub', value, ids, tf.mul(step, rate));
  }
  if (kind === 'adagrad') {
    const sum = tf.add(gatherVariable(native, v!, ids), tf.square(rows));
    scatter(native, 'Update', v!, ids, sum);
    return scatter(native, 'Sub', value, ids, tf.div(tf.mul(rows, rate), tf.add(tf.sqrt(sum), epsilon)));
  }
  const mean = mix(context, gatherVariable(native, m!, ids), rows, optimizer.beta1);
  scatter(native, 'Update', m!, ids, mean);
  const spread = mix(context, gatherVariable(native, v!, ids), tf.square(rows), optimizer.beta2);
  scatter(native, 'Update', v!, ids, spread);
  const scaled = rate * (Math.sqrt(1 - factors.beta2Power) / (1 - factors.beta1Power));
  scatter(native, 'Sub', value, ids, tf.div(tf.mul(mean, scaled), tf.add(tf.sqrt(spread), epsilon)));
}

function mix({ tf }: Context, old: Tensor, fresh: Tensor, beta: number): Tensor {
  return tf.add(tf.mul(old, beta), tf.mul(fresh, 1 - beta));
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

function scatter(
  { attr, run }: Native,
  how: 'Sub' | 'Update',
  resource: Tensor,
  ids: Tensor,
  rows: Tensor,
): void {
  run(
    `ResourceScatter${how}`,
    [attr.type('dtype', 'float32'), attr.type('Tindices', 'int32')],
    [resource, ids, rows],
    0,
  );
}
