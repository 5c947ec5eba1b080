import { type Static, Type } from 'typebox';
import { hideRandomly, hideWholly, scaleRows, stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import { type DataSize, planEpochs } from '../../dataset/data-size.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import { createItemFeatures } from '../../tensor/item-features.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters } from '../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { createFrozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { paceOf, startedFrom, withoutFeatures } from '../stored/warm-start.ts';
import { secondsOf, validationSeconds } from './cost.ts';
import {
  contained,
  extended,
  hiddenLayers,
  ITEM_MATRICES,
  inputOf,
  linearised,
  scoresOf,
  startValues,
  takenOf,
  USERS,
  userTable,
  withFeatures,
} from './softmax-network.ts';

/** Settings of the network, with whichever loss. */
export const networkSettings = {
  /** Widths of the hidden layers, at least one. */
  hidden: Type.Array(Type.Number(), { minItems: 1 }),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
  /** Share of the history hidden at each step; the loss still asks for all of it. */
  dropout: Type.Number(),
  /** Decoupled (AdamW). */
  weightDecay: Type.Number(),
};
const NetworkSettings = Type.Object({ kind: Type.Enum(['softmax', 'multilabel']), ...networkSettings });
type NetworkSettings = Static<typeof NetworkSettings>;

const SoftmaxSettings = Type.Object({ kind: Type.Literal('softmax'), ...networkSettings });
export type SoftmaxSettings = Static<typeof SoftmaxSettings>;

export function planNetwork(
  options: OptionsOf<'softmax'>,
  { users, items }: DataSize,
): Omit<NetworkSettings, 'kind'> {
  const batchSize = options.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    hidden: options.hidden ?? [items < 5000 ? 1000 : 600],
    epochs: options.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: options.learningRate ?? 0.002,
    dropout: options.dropout ?? 0.5,
    weightDecay: options.weightDecay ?? 0.5,
  };
}

/**
 * The article's network: weighed multi-hot history, scaled to length 1 -> Dense relu ... -> softmax over all items,
 * trained by cross-entropy on the user's own items. With hidden input this is a denoising autoencoder with the
 * multinomial likelihood (Liang et al., WWW 2018, section 2). What is said of a user adds to the first layer, what is said of an
 * item to its rows on both sides. Of kind multilabel each item is a label: sigmoids in place of the softmax, binary cross-entropy
 * (the logistic likelihood there).
 */
export async function trainSoftmaxTeacher(
  settings: NetworkSettings,
  context: TrainingContext,
): Promise<Teacher> {
  const { engine, rng, train, features = {}, start: earlier } = context;
  const { epochs, learningRate } = paceOf(settings, earlier);
  const items = train.columns;
  const widths = settings.hidden;
  const isMultilabel = settings.kind === 'multilabel';
  const described =
    features.items &&
    createItemFeatures(engine, features.items, { w0: widths[0]!, out: widths.at(-1)!, c: 1 });
  const steps = stepsPerEpoch(train, settings.batchSize);
  const fresh = {
    ...startValues(items, settings, context),
    ...described?.initial(),
    ...(features.users && userTable(features.users.encoding.known.length, widths[0]!)),
  };
  const own = features.items ? withoutFeatures(earlier, features.items.bags, ITEM_MATRICES) : earlier;
  const parameters = createParameters(engine, startedFrom(fresh, own, ITEM_MATRICES), {
    kind: 'adamw',
    learningRate,
    weightDecay: settings.weightDecay,
    schedule: { kind: 'cosine', totalSteps: steps * epochs, finalFraction: 0.05 },
  });
  const model = { kind: settings.kind, settings, parameters };
  const scores = (histories: Csr) => scoresOf(engine, parameters, widths.length, histories, described);

  const draws = rng.fork('teacher-batches');
  const training = fit({
    parameters,
    epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const rows = selectRows(train, users);
        const seen = hideWholly(
          hideRandomly(rows, settings.dropout, draws),
          features.users?.hide ?? 0,
          draws,
        );
        const labels = engine.sparseRows(isMultilabel ? takenOf(rows) : scaleRows(rows, 'l1'));
        yield { x: inputOf(engine, seen), labels, keep: described?.draw(draws) };
      }
    },
    loss(given, { x, labels, keep }) {
      const p = described ? withFeatures(given, described, keep) : given;
      const h = hiddenLayers(engine, p, widths.length, x).at(-1)!;
      const crossEntropy = isMultilabel
        ? engine.sigmoidCrossEntropy(engine.linearScores(h, p.out!, p.c!), labels)
        : engine.softmaxHeadLoss({ h, e: p.out!, c: p.c!, labels });
      return { total: crossEntropy, parts: { crossEntropy } };
    },
    release({ x, labels, keep }) {
      x.dispose();
      labels.dispose();
      keep?.dispose();
    },
    rng: draws,
    ...besides(context, model, scores),
  });
  try {
    const state = await trainedState(model, training, earlier);
    return restoreSoftmaxTeacher(engine, settings, described ? contained(state, described) : state);
  } finally {
    described?.dispose();
  }
}

export function restoreSoftmaxTeacher(
  engine: Engine,
  settings: NetworkSettings,
  state: TeacherState,
): Teacher {
  const { hidden: widths } = settings;
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = (sample: Csr) => linearised(engine, frozen, widths, sample);
  const reads = { items: 'features.out' in state.tensors, users: USERS in state.tensors };
  const whole = (): TeacherState => ({ ...state, tensors: frozen.tensors() });
  return {
    kind: state.kind,
    description: `${state.kind} ${widths.join('-')}`,
    ...((reads.items || reads.users) && { reads }),
    ...(reads.items && {
      withItems: (bags) => restoreSoftmaxTeacher(engine, settings, extended(whole(), bags)),
    }),
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, widths.length, histories),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden(histories) {
      const x = inputOf(engine, histories);
      const last = frozen.evaluate((p) => hiddenLayers(engine, p, widths.length, x).at(-1)!);
      x.dispose();
      return last;
    },
    state: whole,
    dispose: () => frozen.dispose(),
  };
}

/** Share of the rate of dense products that the many small operations of a network reach. */
const EFFICIENCY = 0.3;

function softmaxSeconds({ hidden, epochs, batchSize }: SoftmaxSettings, size: DataSize): number {
  const { users, items } = size;
  const weights =
    hidden.slice(1).reduce((sum, width, i) => sum + width * hidden[i]!, 0) + items * hidden.at(-1)!;
  const steps = epochs * Math.max(1, Math.ceil(users / batchSize));
  const dense = (6 * epochs * users * weights) / EFFICIENCY;
  const adam = { loops: 10 * steps * (weights + items * hidden[0]!) };
  return secondsOf({ dense, ...adam }) + epochs * validationSeconds(size, { dense: 2 * weights });
}

export const softmax: TeacherMaker<typeof SoftmaxSettings> = {
  kind: 'softmax',
  settings: SoftmaxSettings,
  plan: (options, size) => ({ kind: 'softmax', ...planNetwork(options, size) }),
  seconds: softmaxSeconds,
  continues: true,
  train: trainSoftmaxTeacher,
  restore: restoreSoftmaxTeacher,
};
