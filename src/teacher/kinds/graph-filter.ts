import { type Static, Type } from 'typebox';
import { runAtOnce } from '../../core/slices.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { SVD_STEPS } from '../../tensor/linalg/truncated-svd.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { csrFromTensors, csrTensors } from '../stored/csr-state.ts';
import { createSteps, runAsPart } from './closed-form.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import { createGraph, type Graph, graphSlices, leadingVectorsInSteps, normalisedGraph } from './graph.ts';

const Filter = Type.Object({
  /** Weight of the low-pass filter beside the neighbours. */
  alpha: Type.Number(),
  /** A neighbour counts by its activity to minus this power: 1 in the paper. */
  activityPower: Type.Number(),
  /** Scores are multiplied by the item's popularity to this power: 0 in the paper. */
  popularityPower: Type.Number(),
});
type Filter = Static<typeof Filter>;

const GraphFilterSettings = Type.Object({
  kind: Type.Literal('graph-filter'),
  /** Rank of the low-pass filter. */
  components: Type.Number(),
  /** The filters to choose from: the one that is best on validation is kept, without validation the first. */
  filters: Type.Array(Filter, { minItems: 1 }),
});
type GraphFilterSettings = Static<typeof GraphFilterSettings>;

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

function planGraphFilter(
  { components, ...filter }: OptionsOf<'graph-filter'>,
  { users, items }: DataSize,
): GraphFilterSettings {
  const most = Math.max(1, Math.floor(Math.min(users, items) / 4));
  const { alpha, activityPower, popularityPower } = filter;
  const isOpen = [alpha, activityPower, popularityPower].every((option) => option === undefined);
  return {
    kind: 'graph-filter',
    components: components ?? Math.min(256, most),
    filters: isOpen
      ? FILTERS
      : [{ alpha: alpha ?? 0, activityPower: activityPower ?? 1, popularityPower: popularityPower ?? 0 }],
  };
}

/**
 * GF-CF (Shen et al., CIKM 2021): with R~ = D_u^-1/2 R D_i^-1/2, scores = h (R~' R~ + alpha D_i^-1/2 V V' D_i^1/2), V the
 * leading right singular vectors of R~. Nothing is trained; R~' R~ is formed where that is cheaper than walking its factors.
 *
 * The exponents of the degrees decide more than V does, as LinkProp found (Fu et al., WSDM 2022): both are open here.
 */
async function trainGraphFilter(settings: GraphFilterSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, train, validation } = context;
  const filters = validation ? settings.filters : settings.filters.slice(0, 1);
  const steps = createSteps(context, filters.length + 1);
  const rank = Math.min(settings.components, train.rows, train.columns);
  const needsV = filters.some(({ alpha }) => alpha > 0);
  const vectors = () =>
    leadingVectorsInSteps(engine, normalisedGraph(train).matrix, rank, context.rng.fork('graph-filter'));
  const v = needsV ? await runAsPart(vectors(), SVD_STEPS, steps) : new Float32Array(0);
  const make = async (filter: Filter) => {
    const { matrix, itemDegrees } = normalisedGraph(train, filter.activityPower);
    const own = { ...settings, filters: [filter] };
    const graph = await runAsPart(createGraph(engine, matrix), graphSlices(train.columns), steps);
    return createGraphFilter(engine, own, graph, {
      kind: 'graph-filter',
      settings: own,
      epochs: 1,
      tensors: {
        ...csrTensors(matrix),
        itemDegrees: { shape: [train.columns], values: itemDegrees },
        ...(filter.alpha > 0 && { v: { shape: [train.columns, rank], values: v } }),
      },
    });
  };
  await steps.step();
  let best = filters[0]!;
  if (filters.length > 1) {
    let highest = Number.NEGATIVE_INFINITY;
    for (const filter of filters) {
      const teacher = await make(filter);
      try {
        const metric = await validation!.metric((h) => readAndDispose(teacher.scores(h)));
        if (metric > highest) [best, highest] = [filter, metric];
      } finally {
        teacher.dispose();
      }
      await steps.step();
    }
  }
  return make(best);
}

function restoreGraphFilter(engine: Engine, settings: GraphFilterSettings, state: TeacherState): Teacher {
  const graph = runAtOnce(createGraph(engine, csrFromTensors(state.tensors)));
  return createGraphFilter(engine, settings, graph, state);
}

/** @param graph disposed with the teacher */
function createGraphFilter(
  engine: Engine,
  settings: GraphFilterSettings,
  graph: Graph,
  state: TeacherState,
): Teacher {
  const { tf } = engine;
  const filter = settings.filters[0]!;
  const degrees = state.tensors.itemDegrees!.values;
  const items = degrees.length;
  // Items without an interaction pass nothing on, and get nothing.
  const into = degrees.map((d) => (d > 0 ? 1 / Math.sqrt(d) : 0));
  const popular = tf.tensor1d(degrees.map((d) => (d > 0 ? d ** filter.popularityPower : 0)));
  const lowPass = state.tensors.v && createLowPass(engine, state.tensors.v, filter.alpha, degrees);
  const parameters =
    (state.tensors.v?.values.length ?? 0) + degrees.length + 2 * state.tensors.trainIndices!.values.length;
  return {
    kind: 'graph-filter',
    description: describe(filter, state.tensors.v?.shape[1]),
    // The singular vectors and degrees, and id and value of every interaction.
    parameters,
    bytes: parameters * Float32Array.BYTES_PER_ELEMENT,
    epochs: 1,
    settings: state.settings,
    scores: (histories) =>
      tf.tidy(() => {
        let total = graph.neighbours(histories);
        if (lowPass) total = tf.add(total, lowPass.scores(scaleColumns(histories, into)));
        return filter.popularityPower === 0 ? total : tf.mul(total, popular);
      }),
    project: (directions, width) =>
      readAndDispose(
        tf.tidy(() => {
          const d = tf.mul(tf.tensor2d(directions, [items, width]), tf.expandDims(popular, 1));
          const near = graph.project(d);
          return lowPass ? tf.add(near, tf.mul(lowPass.project(d), tf.tensor2d(into, [items, 1]))) : near;
        }),
      ),
    state: () => state,
    dispose() {
      graph.dispose();
      popular.dispose();
      lowPass?.dispose();
    },
  };
}

/** alpha V V' D_i^1/2, of histories that are scaled already. */
function createLowPass(
  engine: Engine,
  { values, shape }: TeacherState['tensors'][string],
  alpha: number,
  degrees: Float32Array,
) {
  const { tf } = engine;
  const v = tf.tensor2d(values, shape as [number, number]);
  const out = tf.tensor1d(degrees.map((d) => alpha * Math.sqrt(d)));
  return {
    scores(scaled: Csr): Tensor {
      const x = engine.sparseRows(scaled);
      const low = engine.linearScores(engine.sparseMatMul(x, v), v);
      x.dispose();
      return tf.mul(low, out);
    },
    project: (directions: Tensor): Tensor =>
      tf.matMul(v, tf.matMul(v, tf.mul(directions, tf.expandDims(out, 1)), true)),
    dispose: () => tf.dispose([v, out]),
  };
}

function describe({ alpha, activityPower, popularityPower }: Filter, rank: number | undefined): string {
  const parts = [
    rank === undefined ? 'of neighbours' : `${rank}, alpha ${alpha}`,
    ...(activityPower === 1 ? [] : [`activity power ${activityPower}`]),
    ...(popularityPower === 0 ? [] : [`popularity power ${popularityPower}`]),
  ];
  return `graph-filter ${parts.join(', ')}`;
}

function scaleColumns(histories: Csr, factors: Float32Array): Csr {
  return { ...histories, values: histories.values.map((x, p) => x * factors[histories.indices[p]!]!) };
}

/** Products with the matrix of pairs that its singular vectors take. */
const PRODUCTS = 10;
/** How much longer the two hops of a history are than those of the mean item, as histories hold popular ones. */
const POPULAR = 10;

function graphFilterSeconds({ components, filters }: GraphFilterSettings, size: DataSize): number {
  const { users, items } = size;
  const pairs = pairsOf(size);
  const rank = filters.some(({ alpha }) => alpha > 0) ? components : 0;
  const vectors = secondsOf({
    loops: 2 * PRODUCTS * pairs * rank,
    dense: 4 * PRODUCTS * (users + items) * rank ** 2,
  });
  const hops = POPULAR * (pairs / users) ** 2 * (pairs / items);
  const perUser = { loops: Math.min(hops, (2 * pairs * items) / users), dense: 2 * rank * items };
  return vectors + filters.length * validationSeconds(size, perUser);
}

export const graphFilter: TeacherMaker<typeof GraphFilterSettings> = {
  kind: 'graph-filter',
  settings: GraphFilterSettings,
  plan: planGraphFilter,
  seconds: graphFilterSeconds,
  continues: false,
  train: trainGraphFilter,
  restore: restoreGraphFilter,
};
