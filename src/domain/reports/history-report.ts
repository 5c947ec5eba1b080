import { type Static, Type } from 'typebox';
import { Measured } from './measured.ts';

export const HISTORY_KINDS = ['taught', 'newer', 'unseen'] as const;
export type HistoryKindName = (typeof HISTORY_KINDS)[number];

const MeasuredByName = Type.Record(Type.String(), Measured);

export const HistoryReport = Type.Object({
  history: Type.Enum([...HISTORY_KINDS]),
  users: Type.Integer(),
  why: Type.Optional(Type.String()),
  models: Type.Array(
    Type.Object({
      name: Type.String(),
      metrics: MeasuredByName,
      fidelity: Type.Union([MeasuredByName, Type.Null()]),
    }),
  ),
  retained: MeasuredByName,
  gainOverAlone: Type.Optional(MeasuredByName),
});
export type HistoryReport = Static<typeof HistoryReport>;
