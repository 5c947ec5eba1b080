import { type Static, Type } from 'typebox';
import { BatchSize, Epochs, LearningRate } from '../base/fit-spec.ts';
import { ModelName } from '../base/model-name.ts';
import { ENSEMBLE_OPTIONS, ensembleFields } from './ensemble-spec.ts';

const strict = { additionalProperties: false } as const;

const FIT = ['epochs', 'batchSize', 'learningRate', 'dropout'] as const;

/** The options of each kind; those of another kind are refused, see check-teacher. */
export const TEACHER_OPTIONS = {
  auto: [],
  softmax: ['hidden', 'weightDecay', ...FIT],
  autoencoder: ['variant', 'hidden', 'latent', 'klWeight', 'weightDecay', ...FIT],
  ease: ['lambda'],
  'matrix-factorization': [
    'objective',
    'dimensions',
    'regularization',
    'unobservedWeight',
    'negatives',
    ...FIT,
  ],
  'graph-filter': ['components', 'alpha', 'activityPower', 'popularityPower'],
  multilabel: ['hidden', 'weightDecay', ...FIT],
  sasrec: ['dimensions', 'blocks', 'heads', 'maxLength', 'itemDropout', 'samples', 'weightDecay', ...FIT],
  gru: ['dimensions', 'hidden', 'maxLength', 'itemDropout', 'samples', 'weightDecay', ...FIT],
  popularity: [],
  external: ['name', 'minUsers', 'minItems'],
  stored: ['model', 'version', 'alias', 'part'],
  ensemble: ENSEMBLE_OPTIONS,
} as const;

export type TeacherKind = keyof typeof TEACHER_OPTIONS;

const of = (kinds: string, what: string) => `Of ${kinds}. ${what}`;

const fields = {
  kind: Type.Optional(
    Type.Enum(Object.keys(TEACHER_OPTIONS) as TeacherKind[], {
      description:
        'auto trains the two or three that fit the size of the data, and keeps the best on validation or the average of the best. softmax: a network with a softmax over all items; autoencoder: Mult-VAE or Mult-DAE; ease: closed-form item weights; matrix-factorization: iALS or BPR; graph-filter: GF-CF; multilabel, of the task multi-label: a network with a sigmoid for each label; sasrec and gru, of the task sequential: the next item from the order of the history, by self-attention or a recurrent layer; popularity: the same for everyone; external: lists made elsewhere, imported with POST /imports?kind=teacher; stored: the teacher or the student of a version of a model, which is what naming a model means; ensemble: several of these at once, its members.',
    }),
  ),
  name: Type.Optional({ ...ModelName, description: of('external', 'What it was imported as.') }),
  minUsers: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: of('external', 'Least share of the users who must have a list; default 0.2.'),
    }),
  ),
  minItems: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: of('external', 'Least share of the items that must be on some list; default 0.05.'),
    }),
  ),
  model: Type.Optional(
    Type.Unsafe<string>({
      ...ModelName,
      description: of('stored', 'A version of this model teaches; its items are found again by their ids.'),
    }),
  ),
  version: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2_147_483_647,
      description: of('stored', 'Left out, the alias decides.'),
    }),
  ),
  alias: Type.Optional(
    Type.Unsafe<string>({
      ...ModelName,
      description: of('stored', 'Default stable. The job is accepted with the version that it points at.'),
    }),
  ),
  part: Type.Optional(
    Type.Enum(['teacher', 'student'], {
      description: of(
        'stored',
        'What teaches: the teacher that was stored with the version (default), or the student that it published.',
      ),
    }),
  ),
  hidden: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 16_384 }), {
      maxItems: 8,
      examples: [[600]],
      description: of(
        'softmax, multilabel and autoencoder',
        'Widths of the hidden layers; of gru the width of its state.',
      ),
    }),
  ),
  epochs: Type.Optional(Epochs),
  batchSize: Type.Optional(BatchSize),
  learningRate: Type.Optional(LearningRate),
  dropout: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 0.95,
      description: 'Share of the history hidden at each step; of sasrec and gru of the units.',
    }),
  ),
  weightDecay: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  variant: Type.Optional(Type.Enum(['vae', 'dae'], { description: of('autoencoder', 'Default vae.') })),
  latent: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 16_384, description: of('autoencoder', 'Width of its middle.') }),
  ),
  klWeight: Type.Optional(
    Type.Number({ minimum: 0, maximum: 10, description: of('autoencoder vae', 'Final weight of the KL.') }),
  ),
  lambda: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      description: of('ease', 'Ridge; left out, it is chosen on validation.'),
    }),
  ),
  objective: Type.Optional(
    Type.Enum(['ials', 'bpr', 'svd++', 'biased'], {
      description: of(
        'matrix-factorization',
        'Default ials. Of the task rating svd++ (the default there) or biased, without the implicit part.',
      ),
    }),
  ),
  dimensions: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: of('matrix-factorization, sasrec and gru', 'Width.'),
    }),
  ),
  regularization: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: of('matrix-factorization', '') }),
  ),
  unobservedWeight: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 1000,
      description: of('matrix-factorization ials', 'Weight of a pair that was not observed.'),
    }),
  ),
  negatives: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: of('matrix-factorization bpr', 'Pairs of items drawn for each user of a step.'),
    }),
  ),
  blocks: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 12, description: of('sasrec', 'Layers of attention.') }),
  ),
  heads: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 16, description: of('sasrec', 'dimensions is a multiple of it.') }),
  ),
  maxLength: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 500,
      description: of('sasrec and gru', 'Only so many of the newest items of a history are looked at.'),
    }),
  ),
  itemDropout: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 0.95,
      description: of('sasrec and gru', 'Share of the items of a history left out of it at each step.'),
    }),
  ),
  samples: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: of(
        'sasrec and gru',
        'Items drawn at each step to stand for the catalogue in the softmax; 0 for all of it.',
      ),
    }),
  ),
  components: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 4096, description: of('graph-filter', 'Rank of the filter.') }),
  ),
  alpha: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1000,
      description: of(
        'graph-filter',
        'Weight of the low-pass filter beside the neighbours. Left out with both powers, all three are chosen on validation; else 0.',
      ),
    }),
  ),
  activityPower: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 3,
      description: of('graph-filter', 'A neighbour counts by its activity to minus this power; default 1.'),
    }),
  ),
  popularityPower: Type.Optional(
    Type.Number({
      minimum: -2,
      maximum: 2,
      description: of('graph-filter', "Scores times the item's popularity to this power; default 0."),
    }),
  ),
};

/** One teacher of several. */
const MemberSpec = Type.Object(
  {
    ...fields,
    weight: Type.Optional(
      Type.Number({
        maximum: 1000,
        description: 'Its share of the ensemble, beside those of the others; 1 if not given.',
      }),
    ),
  },
  strict,
);
export type MemberSpec = Static<typeof MemberSpec>;

export const TeacherSpec = Type.Object(
  {
    ...fields,
    members: Type.Optional(
      Type.Array(MemberSpec, {
        maxItems: 8,
        description: of('ensemble', 'Two to eight teachers of any kind but auto and ensemble.'),
      }),
    ),
    ...ensembleFields,
  },
  strict,
);
export type TeacherSpec = Static<typeof TeacherSpec>;

/** With its kind, which may be left out where a model is named. */
export type CompleteMember = MemberSpec & { kind: TeacherKind };
export type CompleteTeacher = Omit<TeacherSpec, 'members'> & {
  kind: TeacherKind;
  members?: CompleteMember[];
};
export function completeTeacher({ members, ...teacher }: TeacherSpec = {}): CompleteTeacher {
  const complete = withKind(teacher);
  if (complete.kind !== 'ensemble')
    return members ? { ...complete, members: members.map(withKind) } : complete;
  const { combine = 'average', weights = 'given' } = complete;
  const known = (members ?? []).map(withKind);
  return {
    ...complete,
    members: weights === 'given' ? known.map((member) => ({ weight: 1, ...member })) : known,
    combine,
    weights,
  };
}

function withKind<T extends Pick<TeacherSpec, 'kind' | 'model'>>(teacher: T): T & { kind: TeacherKind } {
  return { ...teacher, kind: teacher.kind ?? (teacher.model === undefined ? 'auto' : 'stored') };
}
