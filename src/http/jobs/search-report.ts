import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { FINISHED_STATES, type Job } from '../../domain/jobs/job.ts';
import type { SearchPoint, SearchReport } from '../../domain/jobs/search-report.ts';
import { dominates, frontOf, type Knee, kneeOf, type Point } from '../../domain/releases/front.ts';
import { DEFAULT_MARGIN } from '../../domain/releases/gate-spec.ts';
import type { Measured } from '../../domain/reports/measured.ts';
import { isError } from '../../domain/reports/metric-names.ts';
import type { Report } from '../../domain/reports/report.ts';

/** One student of the request, with its version and what the report of that says. */
export interface Tried {
  job: Job;
  version?: RegisteredVersion;
  figures?: Figures;
}

/** The part of a report that a search compares. */
export interface Figures {
  metric: string;
  quality: Measured;
  teacher: number;
  retained: number | null;
  microseconds: number | null;
}

/** Reads the part of a report that a search compares; undefined where it has no headline. */
export function figuresOf({ headline, models, comparison }: Report): Figures | undefined {
  const of = (wanted: string) => models.find(({ name }) => name === wanted);
  const [student, teacher] = [of('student'), of('teacher')];
  const quality = headline && student?.metrics[headline.metric];
  if (!quality || !teacher) return undefined;
  return {
    ...{ metric: headline.metric, quality },
    teacher: teacher.metrics[headline.metric]!.value,
    retained: comparison.retained[headline.metric]?.value ?? null,
    microseconds: student.p50Microseconds,
  };
}

/** @param all the jobs of one request, the first one first */
export function searchReport(all: readonly Tried[]): SearchReport {
  const [leader] = all as [Tried, ...Tried[]];
  const spec = completeDistillation(leader.job.spec as DistillationSpec);
  const { alias, choose = 'best', margin = DEFAULT_MARGIN } = spec.publish;
  const points = all.map((tried) => measuredPoint(tried));
  const kept = points.flatMap(({ point, place, beyond }) =>
    point && beyond.length === 0 ? [{ ...point, place }] : [],
  );
  const knee = kneeOf(kept, margin);
  const front = frontOf(kept).map(({ place }) => place);
  const chosen = all.find(({ version }) => version?.aliases.includes(alias))?.version?.version ?? null;
  const metric = all.find(({ figures }) => figures)?.figures;
  const isComplete = all.every(({ job }) => FINISHED_STATES.includes(job.state));
  const shown = points.map(
    ({ point, ...one }): SearchPoint => ({
      ...one,
      onFront: front.includes(one.place),
      dominatedBy: point ? kept.filter((other) => dominates(other, point)).map(({ place }) => place) : [],
      isKnee: knee?.point.place === one.place,
      isChosen: chosen !== null && one.version === chosen,
    }),
  );
  return {
    ...{ jobId: leader.job.id, model: spec.model, alias, isComplete },
    ...{ metric: metric?.metric ?? null, teacher: metric?.teacher ?? null },
    ...{ points: shown, front, choose, chosen },
    knee: knee && { place: knee.point.place, method: knee.method, distance: knee.distance },
    text: inWords(shown, {
      front,
      knee,
      chosen,
      alias,
      isComplete,
      ...(metric && { metric: metric.metric }),
    }),
  };
}

type Unplaced = Omit<SearchPoint, 'onFront' | 'dominatedBy' | 'isKnee' | 'isChosen'> & { point?: Point };

function measuredPoint({ job, version, figures }: Tried): Unplaced {
  const spec = completeDistillation(job.spec as DistillationSpec);
  const { student, search, publish } = spec;
  const bytes = version?.bytes ?? null;
  const microseconds = figures?.microseconds ?? null;
  const isLarge = bytes !== null && bytes > (student.mostBytes ?? Number.POSITIVE_INFINITY);
  const isSlow = microseconds !== null && microseconds > (search?.latency ?? Number.POSITIVE_INFINITY);
  const refusedBy = (version?.promotion?.rules ?? []).flatMap(({ passed, rule }) =>
    passed || rule === 'chosen' ? [] : [rule],
  );
  return {
    ...{ place: publish.place ?? 1, jobId: job.id, state: job.state, student },
    ...{ version: version?.version ?? null, dimensions: version?.dimensions ?? null, bytes, microseconds },
    ...{ quality: figures?.quality ?? null, retained: figures?.retained ?? null },
    beyond: [...(isLarge ? (['bytes'] as const) : []), ...(isSlow ? (['latency'] as const) : [])],
    ...{ passed: version?.promotion ? refusedBy.length === 0 : null, refusedBy },
    problem: job.problem?.detail ?? null,
    ...(figures &&
      bytes !== null && {
        point: {
          merit: isError(figures.metric) ? -figures.quality.value : figures.quality.value,
          ...{ bytes, microseconds },
        },
      }),
  };
}

interface Told {
  front: readonly number[];
  knee: Knee<Point & { place: number }> | null;
  chosen: number | null;
  alias: string;
  isComplete: boolean;
  metric?: string;
}

function inWords(points: readonly SearchPoint[], told: Told): string {
  const { front, knee, chosen, alias, isComplete, metric } = told;
  const sentences = [
    ...(isComplete ? [] : ['Some students are still to come.']),
    knee
      ? `Of ${points.length} students ${front.length} lie on the front of ${metric} against bytes against time; the knee is place ${knee.point.place}, ${sizeOf(points, knee.point.place)}${HOW[knee.method]}.`
      : 'No student that keeps the limits of the search has been measured yet.',
    ...pointsBeyond(points),
    ...(chosen === null
      ? [`The alias ${alias} points at none of them.`]
      : [`The alias ${alias} points at version ${chosen}.`]),
  ];
  const refused = points.filter(({ passed }) => passed === false);
  if (refused.length > 0)
    sentences.push(`The gate refused ${placesOf(refused)}; refusedBy says by which rules.`);
  const failed = points.filter(({ state }) => state === 'failed' || state === 'cancelled');
  if (failed.length > 0)
    sentences.push(`There is no version of ${placesOf(failed)}, whose jobs did not succeed.`);
  return sentences.join(' ');
}

const HOW = {
  chord: '',
  'smallest-within-margin': ' (the front has no bend: it is the smallest within the margin of the best)',
  'one-point': ' (the front has one point)',
} as const;

function sizeOf(points: readonly SearchPoint[], place: number): string {
  const { dimensions, bytes, student } = points.find((one) => one.place === place)!;
  return `with ${dimensions} dimensions in ${student.quantization} and ${bytes} bytes`;
}

function pointsBeyond(points: readonly SearchPoint[]): string[] {
  return (['bytes', 'latency'] as const).flatMap((limit) => {
    const those = points.filter(({ beyond }) => beyond.includes(limit));
    return those.length === 0 ? [] : [`Beyond the limit of ${limit}: ${placesOf(those)}.`];
  });
}

const placesOf = (points: readonly SearchPoint[]) => `place ${points.map(({ place }) => place).join(', ')}`;
