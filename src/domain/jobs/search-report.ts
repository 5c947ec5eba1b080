import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { CHOICES } from '../releases/choose-student.ts';
import { StudentSpec } from '../students/student-spec.ts';
import { JobState } from './job.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(
  type: T,
  options: { description?: string } = {},
) => Type.Union([type, Type.Null()], options);
const Figure = Type.Object({ value: Type.Number(), low: Type.Number(), high: Type.Number() });

/** One student of a request with several. */
export const SearchPoint = Type.Object({
  place: Type.Integer({ description: 'Its version has the alias `<alias>-<place>`.' }),
  jobId: Type.String(),
  state: JobState,
  student: StudentSpec,
  version: orNull(Type.Integer(), { description: 'null until its job has succeeded.' }),
  dimensions: orNull(Type.Integer()),
  bytes: orNull(Type.Integer()),
  quality: orNull(Figure, { description: 'The metric, with its 95 % interval.' }),
  retained: orNull(Type.Number(), {
    description: "The metric by the teacher's; of errors the other way round.",
  }),
  microseconds: orNull(Type.Number(), {
    description: 'Median time of one recommendation, measured in its trainer with the arithmetic of serving.',
  }),
  onFront: Type.Boolean({
    description: 'No other point is at least as good in all three and better in one.',
  }),
  dominatedBy: Type.Array(Type.Integer(), { description: 'Places of points that are.' }),
  beyond: Type.Array(Type.Enum(['bytes', 'latency']), {
    description: 'Limits of the search that it does not keep; it is then no point of the front.',
  }),
  isKnee: Type.Boolean(),
  passed: orNull(Type.Boolean(), { description: 'Whether it passed its gate; null before.' }),
  refusedBy: Type.Array(Type.String(), { description: 'Rules of the gate that it did not pass.' }),
  isChosen: Type.Boolean({ description: 'The alias of the job points at it.' }),
  problem: orNull(Type.String(), { description: 'Why its job failed.' }),
});
export type SearchPoint = Static<typeof SearchPoint>;

export const SearchReport = Type.Object(
  {
    jobId: Type.String({ description: 'The first job, which trains the teacher.' }),
    model: ModelName,
    alias: Type.String(),
    isComplete: Type.Boolean({ description: 'False while jobs of the search are queued or running.' }),
    metric: orNull(Type.String({ examples: ['ndcg@10'] }), { description: 'null before the first version.' }),
    teacher: orNull(Type.Number(), { description: "The teacher's metric." }),
    points: Type.Array(SearchPoint, { description: 'By place.' }),
    front: Type.Array(Type.Integer(), {
      description: 'Places of the points on the front, the smallest first.',
    }),
    knee: orNull(
      Type.Object({
        place: Type.Integer(),
        method: Type.Enum(['chord', 'smallest-within-margin', 'one-point'], {
          description:
            'chord: the point that lies highest above the line from the smallest to the best point of the front of quality over bytes, both scaled to 0..1 (Kneedle; Satopää et al., ICDCS workshops 2011). smallest-within-margin: the front has no bend, or all of it is within the margin of the best. one-point: the front has one.',
        }),
        distance: orNull(Type.Number(), { description: 'How far it lies above the chord.' }),
      }),
    ),
    choose: Type.Enum([...CHOICES]),
    chosen: orNull(
      Type.Integer({ description: 'Version that the alias points at, where it is one of these.' }),
    ),
    text: Type.String({ description: 'The same in words.' }),
  },
  {
    description:
      'The students of one request beside each other: quality against bytes against time. Made from their reports when it is asked for.',
  },
);
export type SearchReport = Static<typeof SearchReport>;
