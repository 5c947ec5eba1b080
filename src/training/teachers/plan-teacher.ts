import { type DataSize, planEpochs } from '../../dataset/data-size.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { HIDDEN_LOSSES } from '../../domain/losses/loss-spec.ts';
import type { CompleteTeacher } from '../../domain/teachers/teacher-spec.ts';
import type { AutoencoderSettings } from '../../teacher/kinds/autoencoder.ts';
import type { EaseSettings } from '../../teacher/kinds/ease.ts';
import type { ExternalSettings } from '../../teacher/kinds/external.ts';
import type { GraphFilterSettings } from '../../teacher/kinds/graph-filter.ts';
import type { GruSettings } from '../../teacher/kinds/gru.ts';
import type { MatrixFactorizationSettings } from '../../teacher/kinds/matrix-factorization.ts';
import type { NextItemSettings } from '../../teacher/kinds/next-item.ts';
import type { SasrecSettings } from '../../teacher/kinds/sasrec.ts';
import type { SoftmaxSettings } from '../../teacher/kinds/softmax.ts';
import type { SingleSettings } from '../../teacher/registry.ts';
import type { AutoSettings } from '../../teacher/several/auto.ts';

export type PlannedTeacher = SingleSettings | AutoSettings<SingleSettings>;

/** Of a teacher that is trained; one that was made elsewhere has a plan of its own. */
export function planTeacher(spec: DistillationSpec, size: DataSize): PlannedTeacher {
  const { teacher } = completeDistillation(spec);
  if (teacher.kind !== 'auto') return planSingle(teacher, size);
  return needsLayers(spec) ? planSoftmax({ kind: 'softmax' }, size) : planAuto(size);
}

/** Whether the student learns from the teacher's layers, which not every teacher that auto may choose has. */
function needsLayers({ distillation }: DistillationSpec): boolean {
  const { losses = [], transfer } = distillation ?? {};
  return (
    losses.some(({ kind }) => HIDDEN_LOSSES.includes(kind)) || transfer === 'neurons' || transfer === 'copy'
  );
}

function planSingle(spec: CompleteTeacher, size: DataSize): SingleSettings {
  switch (spec.kind) {
    case 'softmax':
      return planSoftmax(spec, size);
    case 'autoencoder':
      return planAutoencoder(spec, size);
    case 'ease':
      return planEase(spec, size);
    case 'matrix-factorization':
      return planFactorization(spec, size);
    case 'graph-filter':
      return planGraphFilter(spec, size);
    case 'sasrec':
      return planSasrec(spec, size);
    case 'gru':
      return planGru(spec, size);
    case 'popularity':
      return { kind: 'popularity' };
    case 'multilabel':
      return { ...planSoftmax(spec, size), kind: 'multilabel' };
    case 'auto':
    case 'external':
    case 'stored':
    case 'ensemble':
      throw new Error(`${spec.kind} is not a single teacher that is trained`);
  }
}

/** One user in five is enough to learn from; fewer items than one in twenty would be all that the student recommends. */
export function planExternal({ name, minUsers, minItems }: CompleteTeacher): ExternalSettings {
  return { kind: 'external', name: name!, minUsers: minUsers ?? 0.2, minItems: minItems ?? 0.05 };
}

/** Rows of a matrix that is inverted in half a minute, or in a quarter of that at 8,000, for each lambda. */
const QUICK_INVERSE = 15_000;
/** A softmax over so many items takes minutes for the steps that it needs. */
const SMALL_CATALOGUE = 5_000;
/** Two passes of the solver over so many users and items take a minute. */
const SOLVED_QUICKLY = 500_000;

/**
 * Two or three teachers of different kinds, so that their average can be better than each:
 * - ease where the smaller side of the data has at most 15,000 rows: on sparse data the best single one;
 * - softmax up to 5,000 items: the best single one on dense data such as MovieLens;
 * - graph-filter at any size, as it costs next to nothing;
 * - matrix-factorization (iALS) beyond ease, up to 500,000 users and items: minutes, and on citeulike worse than either.
 */
function planAuto(size: DataSize): AutoSettings<SingleSettings> {
  const kinds: CompleteTeacher[] = [];
  const isInverted = Math.min(size.users, size.items) <= QUICK_INVERSE;
  if (isInverted) kinds.push({ kind: 'ease' });
  if (size.items <= SMALL_CATALOGUE) kinds.push({ kind: 'softmax' });
  kinds.push({ kind: 'graph-filter' });
  if (!isInverted && size.users + size.items <= SOLVED_QUICKLY) kinds.push({ kind: 'matrix-factorization' });
  return { kind: 'auto', candidates: kinds.map((kind) => planSingle(kind, size)) };
}

function planSoftmax(spec: CompleteTeacher, { users, items }: DataSize): SoftmaxSettings {
  const batchSize = spec.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    kind: 'softmax',
    hidden: spec.hidden ?? [items < 5000 ? 1000 : 600],
    epochs: spec.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: spec.learningRate ?? 0.002,
    dropout: spec.dropout ?? 0.5,
    weightDecay: spec.weightDecay ?? 0.5,
  };
}

/** Widths, dropout and KL weight are those of the paper. */
function planAutoencoder(spec: CompleteTeacher, { users }: DataSize): AutoencoderSettings {
  const batchSize = spec.batchSize ?? (users < 5000 ? 256 : 512);
  return {
    kind: 'autoencoder',
    variant: spec.variant ?? 'vae',
    hidden: spec.hidden ?? [600],
    latent: spec.latent ?? 200,
    klWeight: spec.variant === 'dae' ? 0 : (spec.klWeight ?? 0.2),
    epochs: spec.epochs ?? planEpochs(users, batchSize),
    batchSize,
    learningRate: spec.learningRate ?? 0.002,
    dropout: spec.dropout ?? 0.5,
    weightDecay: spec.weightDecay ?? 0.5,
  };
}

/** The best lambda grows with the number of pairs; the first is used where nothing is held out to choose by. */
function planEase({ lambda }: CompleteTeacher, { users, items }: DataSize): EaseSettings {
  const form = users < items ? 'dual' : 'primal';
  if (lambda !== undefined) return { kind: 'ease', lambda: [lambda], form };
  const rows = Math.min(users, items);
  if (rows <= 3_000) return { kind: 'ease', lambda: [100, 20, 50, 200, 500, 1000], form };
  if (rows <= 8_000) return { kind: 'ease', lambda: [100, 25, 50, 200], form };
  if (rows <= QUICK_INVERSE) return { kind: 'ease', lambda: [100, 400], form };
  return { kind: 'ease', lambda: [100], form };
}

/**
 * All that was not observed weighs fourteen times what was, as in the settings of Rendle et al. (RecSys 2022) for both of their
 * data sets. A fixed weight drowns the history on sparse data: on citeulike's validation part 0.1 gave NDCG@10 .040.
 */
function planUnobserved({ users, items, pairs }: DataSize): number {
  if (pairs === undefined) return 0.1;
  return Math.min(0.5, Math.max(0.001, (14 * pairs) / (users * items)));
}

function planFactorization(spec: CompleteTeacher, size: DataSize): MatrixFactorizationSettings {
  const { users } = size;
  if (spec.objective === 'bpr') {
    const batchSize = spec.batchSize ?? 512;
    return {
      kind: 'matrix-factorization',
      objective: 'bpr',
      dimensions: spec.dimensions ?? 64,
      regularization: spec.regularization ?? 0.001,
      epochs: spec.epochs ?? planEpochs(users, batchSize),
      batchSize,
      learningRate: spec.learningRate ?? 0.01,
      negatives: spec.negatives ?? 16,
      dropout: spec.dropout ?? 0.5,
    };
  }
  return {
    kind: 'matrix-factorization',
    objective: 'ials',
    dimensions: spec.dimensions ?? 128,
    regularization: spec.regularization ?? 0.01,
    unobservedWeight: spec.unobservedWeight ?? planUnobserved(size),
    epochs: spec.epochs ?? 12,
  };
}

function planSasrec(spec: CompleteTeacher, size: DataSize): SasrecSettings {
  return {
    kind: 'sasrec',
    blocks: spec.blocks ?? 2,
    heads: spec.heads ?? 2,
    ...planNextItem(spec, size),
  };
}

function planGru(spec: CompleteTeacher, size: DataSize): GruSettings {
  const settings = planNextItem(spec, size);
  return { kind: 'gru', hidden: spec.hidden?.[0] ?? 2 * settings.dimensions, ...settings };
}

/** Nine passes over Amazon Beauty. */
const NEXT_ITEM_STEPS = 3000;
/**
 * Up to so many items the softmax goes over all of them. On the tuning part of Amazon Beauty (12,101 items) NDCG@10 on validation
 * was .0528 after five epochs and .0475 with 1,024 drawn; an epoch takes 18 s for 10 s.
 */
const SCORED_AT_ONCE = 20_000;
const ITEMS_DRAWN = 1024;

function planNextItem(spec: CompleteTeacher, { users, items }: DataSize): NextItemSettings {
  const batchSize = spec.batchSize ?? 64;
  return {
    dimensions: spec.dimensions ?? 96,
    maxLength: spec.maxLength ?? 50,
    epochs: spec.epochs ?? Math.min(200, Math.max(8, Math.ceil((NEXT_ITEM_STEPS * batchSize) / users))),
    batchSize,
    learningRate: spec.learningRate ?? 0.003,
    dropout: spec.dropout ?? 0.3,
    itemDropout: spec.itemDropout ?? 0.3,
    samples: spec.samples ?? (items <= SCORED_AT_ONCE ? 0 : ITEMS_DRAWN),
    weightDecay: spec.weightDecay ?? 0.1,
  };
}

/**
 * The first, the paper's, is taken where nothing can be held out. Neighbours alone with other powers can be far better: on
 * amazon-beauty's validation part NDCG@10 .044 to .045 against .032 of the paper's neighbours.
 */
const FILTERS = [
  { alpha: 0.3, activityPower: 1, popularityPower: 0 },
  { alpha: 1, activityPower: 1, popularityPower: 0 },
  { alpha: 0, activityPower: 0.5, popularityPower: 0.2 },
  { alpha: 0, activityPower: 0.7, popularityPower: 0.3 },
  { alpha: 0, activityPower: 0.3, popularityPower: 0.3 },
  { alpha: 0, activityPower: 1, popularityPower: 0 },
];

function planGraphFilter(spec: CompleteTeacher, { users, items }: DataSize): GraphFilterSettings {
  const most = Math.max(1, Math.floor(Math.min(users, items) / 4));
  const { alpha, activityPower, popularityPower } = spec;
  const isOpen = [alpha, activityPower, popularityPower].every((option) => option === undefined);
  return {
    kind: 'graph-filter',
    components: spec.components ?? Math.min(256, most),
    filters: isOpen
      ? FILTERS
      : [{ alpha: alpha ?? 0, activityPower: activityPower ?? 1, popularityPower: popularityPower ?? 0 }],
  };
}
