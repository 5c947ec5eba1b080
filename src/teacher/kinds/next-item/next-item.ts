import { hideRandomly, lengthBatches, stepsPerEpoch } from '../../../dataset/batches.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { usedPlaces } from '../../../dataset/sequences.ts';
import type { Engine } from '../../../tensor/engine.ts';
import { fit } from '../../../tensor/train/fit.ts';
import { createParameters } from '../../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../../contract.ts';
import { createFrozen } from '../../stored/frozen.ts';
import { projectFactors } from '../../stored/project-factors.ts';
import { besides, trainedState } from '../../stored/trained-state.ts';
import { paceOf, startedFrom } from '../../stored/warm-start.ts';
import { lastStates, linearised, scoresOf } from './histories.ts';
import { fullSoftmax, sampledSoftmax } from './item-softmax.ts';
import { longEnough, nextItems } from './next-items.ts';
import { dropout, read, type SequenceReader } from './sequence-reader.ts';
import type { NextItemSettings } from './settings.ts';
import { nearbyStart, randomStart } from './start-values.ts';

/**
 * Trains a reader to tell the next item at every place of every history, by a softmax over all items with the items' own
 * vectors as weights: score_j = state . E_j (Kang & McAuley, ICDM 2018, with the full softmax for its sampled sigmoid).
 */
export async function trainNextItem(
  reader: SequenceReader,
  settings: NextItemSettings,
  context: TrainingContext,
): Promise<TeacherState> {
  const { engine, rng, start: earlier } = context;
  const { epochs, learningRate } = paceOf(settings, earlier);
  // A history of one item has no next one to learn from.
  const train = longEnough(context.train);
  const steps = stepsPerEpoch(train, settings.batchSize);
  const start = rng.fork('teacher-weights');
  const { dimensions: d } = settings;
  const startsNearby = reader.startsNearby && !earlier;
  const fresh = {
    items: {
      shape: [train.columns, d],
      values: startsNearby ? nearbyStart(engine, train, d, start) : randomStart(train.columns * d, start),
    },
    ...reader.weights(start),
  };
  const parameters = createParameters(engine, startedFrom(fresh, earlier, ['items']), {
    kind: 'adamw',
    learningRate,
    weightDecay: settings.weightDecay,
    rowUpdates: 'all',
    schedule: { kind: 'cosine', totalSteps: steps * epochs, finalFraction: 0.05 },
  });
  const model = { kind: reader.kind, settings, parameters };
  const draws = rng.fork('teacher-batches');
  const drop = dropout(engine, settings.dropout, draws);
  const labelling =
    settings.samples > 0
      ? sampledSoftmax(engine, train.columns, settings.samples, draws)
      : fullSoftmax(engine);
  const training = fit({
    parameters,
    epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of lengthBatches(train, settings.batchSize, draws)) {
        // What is left is a history too, in which one item follows another that came a little earlier.
        const some = hideRandomly(selectRows(train, users), settings.itemDropout, draws, 2);
        const { sequences, targets } = nextItems(some, settings.maxLength);
        yield { sequences, labels: labelling(targets) };
      }
    },
    loss(p, { sequences, labels }) {
      const states = read(engine, reader, p, sequences, drop);
      const h = engine.gatherRows(states, usedPlaces(sequences));
      const crossEntropy = labels.loss(h, p.items!);
      return { total: crossEntropy, parts: { crossEntropy } };
    },
    release: ({ labels }) => labels.dispose(),
    rng: draws,
    ...besides(context, model, (histories) => scoresOf(engine, reader, parameters, settings, histories)),
  });
  return trainedState(model, training, earlier);
}

export function restoreNextItem(
  engine: Engine,
  reader: SequenceReader,
  settings: NextItemSettings,
  state: TeacherState,
): Teacher {
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = () => linearised(engine, reader, frozen, settings);
  const hidden = (histories: Csr) => lastStates(engine, reader, frozen, settings, histories);
  return {
    kind: state.kind,
    description: `${state.kind} ${reader.description}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, reader, frozen, settings, histories),
    itemFactors,
    project: (directions, width) => projectFactors(engine, itemFactors(), directions, width),
    hidden,
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}
