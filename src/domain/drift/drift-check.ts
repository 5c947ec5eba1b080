import { type Static, Type } from 'typebox';
import { Measured, orNull } from '../reports/measured.ts';
import { BrokenLimit } from './drift-settings.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });

/** Figures of one check. */
export const DriftFigures = Type.Object({
  version: orNull(Type.Integer(), { description: 'The live version; null where none is live.' }),
  sampled: Type.Integer({ description: 'Recent users that were looked at.' }),
  users: Type.Integer({
    description:
      'Those of them with something that the version has not learned from, and something before it.',
  }),
  pairs: Type.Integer({
    description: 'Pairs of these users with an item that the version has not learned from.',
  }),
  ndcg: orNull(Measured, { description: 'NDCG@10 of the live version over those pairs.' }),
  teacherNdcg: orNull(Measured, { description: 'That of its stored teacher, over the same users.' }),
  ndcgRetained: orNull(Measured, { description: 'The first in terms of the second.' }),
  overlap: orNull(Measured, {
    description: 'Share of the ten first items of the teacher that the version shows too.',
  }),
  popularityShare: orNull(Share, { description: 'Share of sampled users whom popularity answers.' }),
  unknownItems: orNull(Share, {
    description: 'Share of the new pairs whose item the version was not trained on.',
  }),
  notes: Type.Array(Type.String(), { description: 'What could not be measured, and why.' }),
});
export type DriftFigures = Static<typeof DriftFigures>;

const DRIFT_STATES = ['fine', 'drifted', 'not-measured'] as const;

/** One check of a model, as it is kept. */
export const DriftCheck = Type.Object({
  id: Type.String({ examples: ['drf_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
  at: Type.String({ format: 'date-time' }),
  state: Type.Enum([...DRIFT_STATES], {
    description:
      'fine: within all limits. drifted: beyond at least one. not-measured: there was not enough data, or nothing is live; notes say so.',
  }),
  figures: DriftFigures,
  broken: Type.Array(BrokenLimit),
  retraining: orNull(
    Type.Object({
      jobId: orNull(Type.String()),
      reason: orNull(Type.String({ description: 'Why none was started.' })),
    }),
    { description: 'The job that was started, or why none was; null where none was asked for.' },
  ),
});
export type DriftCheck = Static<typeof DriftCheck>;

/** A check that is not kept yet. */
export type NewDriftCheck = Pick<DriftCheck, 'state' | 'figures' | 'broken'>;
