import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { createEarlyStopping, type EarlyStoppingState, type Validation } from './early-stopping.ts';
import type { Loss, NamedTensors, OptimizerState, Parameters } from './parameters.ts';
import { createProgress, type Progress } from './progress.ts';

export type { Validation } from './early-stopping.ts';
export type { Progress } from './progress.ts';

export interface FitOptions<Batch> {
  parameters: Parameters;
  epochs: number;
  /** For progress and the estimate of the time left. */
  stepsPerEpoch: number;
  /** The batches of one epoch (the first is 1). An async source is asked for the next batch before each step runs. */
  batches(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
  loss(parameters: NamedTensors, batch: Batch): Loss;
  /** Releases a batch's tensors; called after its step, also when the step failed. */
  release?(batch: Batch): void;
  /** Stops early and restores the best weights. */
  validation?: Validation;
  /** A metric for the history alone, taken after every epoch where nothing is validated. */
  measure?(): number | Promise<number>;
  /** After the steps of every epoch, before it is validated. */
  onEpoch?(epoch: number): void | Promise<void>;
  /** Further state that training depends on: it is saved in checkpoints and put back on resume. */
  companion?: { state(): Record<string, Float32Array>; restore(state: Record<string, Float32Array>): void };
  /** The generator that shuffles and samples batches: saved in checkpoints and put back on resume. */
  rng?: Rng;
  signal?: AbortSignal;
  /** At most ten times a second, and at the end of every epoch. */
  onProgress?(progress: Progress): void;
  /** At the end of every epoch, with all that a resumed run needs to end with the same bytes. */
  onCheckpoint?(state: TrainingState): void | Promise<void>;
  /** Asked after every epoch but the last, since a checkpoint copies all parameters; default: always. */
  checkpointDue?(): boolean;
  resumeFrom?: TrainingState;
}

export interface TrainingState {
  /** Epochs completed. */
  epoch: number;
  step: number;
  values: Record<string, Float32Array>;
  optimizer: OptimizerState;
  rng?: number[];
  stopping?: EarlyStoppingState;
  companion?: Record<string, Float32Array>;
  history: EpochRecord[];
  /** Total loss of the very first step, against which a runaway is measured. */
  firstLoss: number;
}

export interface EpochRecord {
  epoch: number;
  losses: Record<string, number>;
  metric?: number;
  /** Time of the training steps; the metric costs extra. */
  seconds: number;
  /** At the end of the epoch; checkpoints of earlier releases have none. */
  learningRate?: number;
}

export interface FitResult {
  /** Epochs run, those of an earlier, resumed run included. */
  epochs: number;
  steps: number;
  stoppedEarly: boolean;
  bestEpoch?: number;
  bestMetric?: number;
  history: EpochRecord[];
}

/** No call into TensorFlow gives the event loop a turn, so the loop takes one this often, for signals and messages. */
const BREATHE_MS = 40;
/** An epoch whose mean total is this many times that of the very first step has diverged, even while every number is still finite. */
const DIVERGED = 50;

/**
 * The training loop. One epoch after the other: batches, steps, validation, checkpoint.
 *
 * @throws training-diverged (NaN, Inf or a runaway loss), cancelled (signal), invalid-training-input (an epoch without batches)
 */
export async function fit<Batch>(options: FitOptions<Batch>): Promise<FitResult> {
  const { parameters, epochs, validation, resumeFrom } = options;
  const history: EpochRecord[] = [...(resumeFrom?.history ?? [])];
  const stopping = validation && createEarlyStopping(validation, parameters, resumeFrom?.stopping);
  const progress = createProgress(options.onProgress, epochs, options.stepsPerEpoch, resumeFrom?.epoch ?? 0);
  if (resumeFrom) restore(options, resumeFrom);
  for (const past of history) progress.epochEnd({ learningRate: 0, ...past, isPast: true });

  let epoch = resumeFrom?.epoch ?? 0;
  let firstLoss = resumeFrom?.firstLoss;
  while (epoch < epochs && !stopping?.exhausted) {
    epoch++;
    const started = performance.now();
    const { losses, first } = await runEpoch(options, epoch, progress);
    firstLoss ??= first;
    refuseRunaway(losses, firstLoss, epoch, parameters.learningRate);
    const seconds = (performance.now() - started) / 1000;
    await options.onEpoch?.(epoch);
    const metric = await (stopping ? stopping.afterEpoch(epoch, epoch === epochs) : options.measure?.());
    const { learningRate } = parameters;
    history.push({ epoch, losses, metric, seconds, learningRate });
    progress.epochEnd({ epoch, losses, metric, seconds, learningRate });
    const isLast = epoch === epochs || stopping?.exhausted;
    if (options.onCheckpoint && (isLast || (options.checkpointDue?.() ?? true))) {
      await options.onCheckpoint(
        snapshot(options, { epoch, history: [...history], stopping: stopping?.state(), firstLoss }),
      );
    }
    refuseCancelled(options.signal);
  }

  stopping?.restoreBest();
  return {
    epochs: epoch,
    steps: parameters.steps,
    stoppedEarly: epoch < epochs,
    bestEpoch: stopping?.best?.epoch,
    bestMetric: stopping?.best?.metric,
    history,
  };
}

/** All batches of one epoch. Returns the mean of every loss part and the total of the first step. */
async function runEpoch<Batch>(
  options: FitOptions<Batch>,
  epoch: number,
  progress: ReturnType<typeof createProgress>,
): Promise<{ losses: Record<string, number>; first: number }> {
  const { parameters, signal } = options;
  const sums: Record<string, number> = {};
  let steps = 0;
  let first = 0;
  let lastBreath = performance.now();
  for await (const batch of oneAhead(options.batches(epoch))) {
    const learningRate = parameters.learningRate;
    let parts: Record<string, number>;
    try {
      refuseCancelled(signal);
      parts = parameters.step((views) => options.loss(views, batch));
    } finally {
      options.release?.(batch);
    }
    if (steps++ === 0) first = parts.total!;
    for (const [part, value] of Object.entries(parts)) sums[part] = (sums[part] ?? 0) + value;
    progress.step({ epoch, step: steps, losses: parts, learningRate });
    if (performance.now() - lastBreath > BREATHE_MS) {
      await breathe();
      lastBreath = performance.now();
    }
  }
  if (steps === 0)
    throw problem('invalid-training-input', `epoch ${epoch} has no batches: the training set is empty`);
  const losses = Object.fromEntries(Object.entries(sums).map(([part, sum]) => [part, sum / steps]));
  return { losses, first };
}

/** An async source works on the next batch while the current step runs; a sync one would only hold more memory. */
async function* oneAhead<Batch>(source: Iterable<Batch> | AsyncIterable<Batch>): AsyncGenerator<Batch> {
  if (!(Symbol.asyncIterator in source)) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  try {
    let upcoming = iterator.next();
    for (let result = await upcoming; !result.done; result = await upcoming) {
      upcoming = iterator.next();
      // The step may throw before this is awaited; the failure still surfaces at the await.
      upcoming.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

function restore<Batch>({ parameters, rng, companion }: FitOptions<Batch>, state: TrainingState): void {
  if (state.companion) companion?.restore(state.companion);
  for (const [name, values] of Object.entries(state.values)) parameters.write(name, values);
  parameters.restore(state.optimizer);
  if (rng && state.rng) rng.restore(state.rng);
}

function snapshot<Batch>(
  { parameters, rng, companion }: FitOptions<Batch>,
  loop: Pick<TrainingState, 'epoch' | 'history' | 'stopping' | 'firstLoss'>,
): TrainingState {
  return {
    ...loop,
    step: parameters.steps,
    values: parameters.readAll(),
    optimizer: parameters.state(),
    rng: rng?.state(),
    ...(companion && { companion: companion.state() }),
  };
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
}

function refuseRunaway(losses: Record<string, number>, first: number, epoch: number, rate: number): void {
  const limit = DIVERGED * Math.max(1, Math.abs(first));
  if (Math.abs(losses.total ?? 0) <= limit) return;
  throw problem(
    'training-diverged',
    `the mean loss of epoch ${epoch} is ${losses.total!.toPrecision(4)}, over ${DIVERGED} times the first step's; the learning rate ${rate.toPrecision(3)} is likely too high`,
    { epoch },
  );
}
