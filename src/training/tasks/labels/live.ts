import { LEARNED_SEED } from '../../../artifact/learned.ts';
import { loadLabelStudent } from '../../../artifact/student/label-student.ts';
import { holdsLabels } from '../../../artifact/student/load-any.ts';
import { includesHash } from '../../../core/hash-set.ts';
import { hashOfId } from '../../../core/id-hash.ts';
import type { Rng } from '../../../core/rng.ts';
import { selectRows } from '../../../dataset/matrix.ts';
import { UNRANKED } from '../../../domain/reports/model-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { probabilities } from '../../../evaluation/calibrate.ts';
import {
  joinLabelOutcomes,
  labelMetrics,
  pairLabellers,
  tallyLabels,
} from '../../../evaluation/label-tally.ts';
import { createLabelScorer, type LabelInput } from '../../../scoring/label-scorer.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import { refuseFew } from '../../live/fair-test.ts';
import { findLive, type LiveSources, NotComparable, openLive, warnIfNot } from '../../live/find-live.ts';
import { describeLive, type LiveComparison } from '../../live/live-comparison.ts';
import { type Labeller, servedLabeller } from './assess.ts';
import { askedOf, labelInputs } from './inputs.ts';
import type { PreparedLabels } from './prepare.ts';

type LabelJob = Pick<PreparedLabels, 'data' | 'split' | 'settings'>;

/** Measures the live version and the student on the test entities whose labels it has not learned. @param students one for each seed */
export async function compareLiveLabels(
  run: LiveSources,
  job: LabelJob,
  students: readonly Labeller[],
  rng: Rng,
): Promise<LiveComparison | undefined> {
  const version = await findLive(run);
  const open = async ({ artifact }: { artifact: string }) => ({
    labeller: await openStudent(run, artifact, job),
  });
  const live = version && (await openLive(run, version, open, { of: 'entities' }));
  if (!live) return undefined;
  return warnIfNot(run, live.version, undefined, () => {
    const { data, split, settings } = job;
    const { of } = settings.labels;
    const { learned } = live;
    const isLearned = (row: number) =>
      learned !== null && includesHash(learned.all, hashOfId(data.entities[row]!, LEARNED_SEED));
    const rows = split.test.filter((row) => !isLearned(row));
    refuseFew(rows.length, split.test.length, of);
    const known = selectRows(data.known, rows);
    const outcomeOf = ({ logits, decisions }: Labeller) =>
      tallyLabels(
        probabilities(logits(rows), decisions!.calibration),
        decisions!.thresholds,
        known,
        settings.ks,
      );
    const own = outcomeOf(live.labeller);
    const student = joinLabelOutcomes(students.map(outcomeOf));
    const resampling = createResampling(rows.length, rng, students.length);
    const { metrics } = labelMetrics(student, resampling);
    const over = { users: rows.length, pairs: rows.length, student: metrics };
    const { name, role, description, parameters, bytes } = live.labeller;
    return {
      model: {
        ...UNRANKED,
        ...{ name, role, parameters, bytes, version: live.version.version, over },
        description: `${description}; over ${rows.length} test ${of} whose labels it has not learned`,
        ...labelMetrics(own, resampling),
        fidelity: null,
        segments: [],
      },
      gains: pairLabellers(resampling).gain(student, own),
    };
  });
}

/** @throws NotComparable for a student of another kind, or of other labels */
async function openStudent(
  { artifacts }: LiveSources,
  artifact: string,
  { data, settings }: LabelJob,
): Promise<Labeller> {
  const { of, from } = settings.labels;
  if (!(await holdsLabels(artifacts, artifact))) {
    throw new NotComparable('it predicts items or ratings, and this job predicts labels');
  }
  const { manifest, student } = await loadLabelStudent(artifacts, artifact);
  if (student.of !== of || student.from !== from) {
    throw new NotComparable(
      `it predicts ${student.from} of ${student.of}, and this job predicts ${from} of ${of}`,
    );
  }
  const places = data.labels.map((label) => student.labels.indexOf(label));
  const strange = data.labels.find((_, l) => places[l]! < 0);
  if (strange !== undefined) {
    throw new NotComparable(`it does not know the label ${JSON.stringify(strange)}, which this job predicts`);
  }
  const rows = new Map(student.items.map((id, row) => [id, row]));
  const oldRows = data.items.map((id) => rows.get(id) ?? -1);
  const unknown = oldRows.filter((row) => row < 0).length;
  const { weighting } = manifest;
  const inputs = labelInputs(data, settings.labels, new Int32Array(0), { given: student.encoding });
  const served = servedLabeller('live', student, data, inputs);
  const pick = (values: Float32Array) => Float32Array.from(places, (place) => values[place]!);
  const scorer = createLabelScorer(student);
  return {
    ...served,
    role: 'live',
    description: describeLive(
      served.description,
      {
        live: { maxHistory: MAX_HISTORY, weighting },
        job: { maxHistory: MAX_HISTORY, weighting: settings.weighting },
      },
      { items: unknown, are: 'say nothing' },
    ),
    logits(wanted) {
      const all = new Float32Array(wanted.length * places.length);
      for (const [at, row] of wanted.entries()) {
        const asked = inItsRows(askedOf(data, of, inputs, row), oldRows);
        all.set(pick(scorer.logits(asked)), at * places.length);
      }
      return all;
    },
    decisions: {
      calibration: student.calibration,
      thresholds: pick(student.thresholds),
      shares: pick(student.shares),
    },
  };
}

/** Returns the same question with the rows of an earlier catalogue; what that did not know is left out. @param oldRows [items] -1 for unknown ones */
function inItsRows({ row, behaviour, ...rest }: LabelInput, oldRows: readonly number[]): LabelInput {
  const old = row === undefined ? -1 : oldRows[row]!;
  if (!behaviour) return { ...rest, row: old < 0 ? undefined : old };
  const places = [...Array(behaviour.rows.length).keys()].filter((i) => oldRows[behaviour.rows[i]!]! >= 0);
  return {
    ...rest,
    behaviour: {
      rows: Int32Array.from(places, (i) => oldRows[behaviour.rows[i]!]!),
      weights: Float32Array.from(places, (i) => behaviour.weights[i]!),
    },
  };
}
