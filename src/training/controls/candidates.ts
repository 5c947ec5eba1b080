import type { Rng } from '../../core/rng.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../../dataset/matrix.ts';
import { svdTransfer } from '../../distillation/transfer/transfer-svd.ts';
import type { StudentSettings } from '../../student/settings.ts';
import { trainEaseTeacher } from '../../teacher/kinds/ease.ts';
import { lineariseIals } from '../../teacher/kinds/ials.ts';
import { createIalsRounds } from '../../teacher/kinds/ials-rounds.ts';
import { planUnobserved } from '../../teacher/kinds/matrix-factorization.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import type { SmallModel } from './small-model.ts';

export interface CandidateContext {
  engine: Engine;
  rng: Rng;
  /** Reports the share of the candidate's work that is done and lets messages in. @throws problem('cancelled') */
  step(done?: number): Promise<void>;
}

/** A way to learn small models from pairs alone; the same pairs and settings give the same models. */
export interface Candidate {
  /** One or more models that share the work, always in the same order. */
  fit(pairs: Csr, context: CandidateContext): Promise<SmallModel[]>;
}

/** Widths that stay within the student's bytes. */
export interface Widths {
  /** With one matrix of items, for a user's vector that is solved. */
  one: number;
  /** With two, one for the history and one for the scores. */
  two: number;
}

/** Plans widths that take no more numbers per item than the student has, and no wider scan. */
export function planWidths({ dimensions: d, hidden, tied }: StudentSettings): Widths {
  const numbers = tied ? d : d + (hidden ?? d);
  return { one: d, two: Math.max(1, Math.min(d, numbers >> 1)) };
}

/** Rounds of iALS; after six the ranking of settings does not change any more, and little is gained. */
const ROUNDS = 6;
/** Weight of the history's older items that is tried where order counts. */
const RECENCY = 0.7;
/** Beyond these, inverse and scores of EASE would cost more than the student itself. */
const EASE = { rows: 3000, scores: 1 << 23 };

/**
 * All that is tried, the usual best first. Pairs that were not observed weigh as Rendle et al. (RecSys 2022) set them, and four
 * times that with less regularization: of nine pairs the best of MovieLens-100K's validation part and a good one of citeulike's. Cut
 * to 64, EASE liked a ridge of 500 best there.
 */
export function candidatesFor(pairs: Csr, widths: Widths): Candidate[] {
  const unobservedWeight = planUnobserved({
    users: pairs.rows,
    items: pairs.columns,
    pairs: pairs.indices.length,
  });
  const rows = Math.min(pairs.rows, pairs.columns);
  const isSmall = rows <= EASE.rows && pairs.rows * pairs.columns <= EASE.scores;
  return [
    ials(widths, { regularization: 0.01, unobservedWeight }),
    ials(widths, { regularization: 0.003, unobservedWeight: 4 * unobservedWeight }),
    ...(isSmall ? [truncatedEase(widths.two, 500)] : []),
    scaledSvd(widths.two),
  ];
}

/** Implicit ALS (Hu et al., ICDM 2008): users solved, and folded in with the mean user's matrix in place of each one's own. */
function ials({ one, two }: Widths, ridge: Ridge): Candidate {
  return {
    async fit(pairs, { engine, rng, step }) {
      const factors = async (dimensions: number) => {
        const rounds = createIalsRounds(engine, pairs, { ...ridge, dimensions }, rng.fork('ials'));
        try {
          for (let round = 0; round < ROUNDS; round++)
            await rounds.round((done) => step((round + done) / ROUNDS));
          return rounds.columns();
        } finally {
          await rounds.close();
        }
      };
      const wide = await factors(one);
      const narrow = one === two ? wide : await factors(two);
      const { input, output } = lineariseIals(engine, narrow, pairs, { ...ridge, dimensions: two });
      return withRecency(pairs, [
        { description: `iALS ${one}, solved per user`, width: one, itemsOut: wide, user: { solved: ridge } },
        { description: `iALS ${two}, folded in`, width: two, itemsOut: output, user: { itemsIn: input } },
      ]);
    },
  };
}

/** EASE (Steck, WWW 2019) cut to the leading directions of its scores. */
function truncatedEase(width: number, lambda: number): Candidate {
  return {
    async fit(pairs, { engine, rng, step }) {
      await step();
      const form = pairs.rows < pairs.columns ? ('dual' as const) : ('primal' as const);
      const ease = await trainEaseTeacher(
        { kind: 'ease', lambda: [lambda], form },
        { engine, rng, train: pairs, onProgress() {}, signal: new AbortController().signal },
      );
      try {
        await step();
        const shape = { dimensions: width, tied: false, normalization: 'none' } as StudentSettings;
        const { itemsIn, itemsOut } = svdTransfer({
          ...{ engine, teacher: ease, student: shape, scale: 'same' },
          sample: withPairs(pairs),
          rng: rng.fork('ease'),
        });
        return withRecency(pairs, [
          { description: `EASE cut to ${width}, folded in`, width, itemsOut, user: { itemsIn } },
        ]);
      } finally {
        ease.dispose();
      }
    },
  };
}

/**
 * The leading singular vectors of the histories, each entry divided by powers of how common its item and how long its history
 * is, each direction shrunk by the least singular value (a linear autoencoder of low rank: Jin et al., KDD 2021).
 */
function scaledSvd(width: number): Candidate {
  const [ofItem, ofUser] = [0.25, 0.5];
  return {
    async fit(pairs, { engine, rng, step }) {
      await step();
      const rank = Math.min(width, pairs.rows, pairs.columns);
      const weight = columnSums(pairs).map((sum) => Math.max(1, sum) ** -ofItem);
      const x = engine.sparseRows(scaledPairs(pairs, weight, ofUser));
      const { u, s, v } = engine.truncatedSvd(
        {
          rows: pairs.rows,
          cols: pairs.columns,
          multiply: (right) => engine.sparseMatMul(x, right),
          multiplyTransposed: (left) => engine.sparseMatMulTransposed(x, left),
        },
        rank,
        { rng: rng.fork('svd') },
      );
      const directions = v.dataSync() as Float32Array;
      engine.tf.dispose([u, v]);
      x.dispose();
      const least = s[rank - 1]! ** 2;
      const itemsIn = directions.map((value, at) => {
        const own = s[at % rank]! ** 2;
        return own > 0 ? (weight[Math.floor(at / rank)]! * value * own) / (own + least) : 0;
      });
      const itemsOut = directions.map((value, at) => value / weight[Math.floor(at / rank)]!);
      const description = `truncated SVD ${rank}, folded in`;
      return withRecency(pairs, [{ description, width: rank, itemsOut, user: { itemsIn } }]);
    },
  };
}

function scaledPairs(pairs: Csr, weight: Float32Array, ofUser: number): Csr {
  const values = new Float32Array(pairs.values.length);
  for (let r = 0; r < pairs.rows; r++) {
    const length = Math.max(1, rowLength(pairs, r)) ** -ofUser;
    for (let p = pairs.indptr[r]!; p < pairs.indptr[r + 1]!; p++)
      values[p] = pairs.values[p]! * weight[pairs.indices[p]!]! * length;
  }
  return { ...pairs, values };
}

function withPairs(pairs: Csr): Csr {
  const all = Int32Array.from({ length: pairs.rows }, (_, row) => row);
  return selectRows(
    pairs,
    all.filter((row) => rowLength(pairs, row) > 0),
  );
}

/** Where order counts each model is tried with older items that weigh less, too. */
function withRecency(pairs: Csr, models: SmallModel[]): SmallModel[] {
  if (!pairs.order) return models;
  const faded = models.map((model) => ({
    ...model,
    description: `${model.description}, recency ${RECENCY}`,
    recency: RECENCY,
  }));
  return [...models, ...faded];
}
