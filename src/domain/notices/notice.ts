import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';

/** Events of an installation that somebody wants to hear of. */
const NOTICE_KINDS = [
  'job.ended',
  'version.promoted',
  'version.refused',
  'version.rolled-back',
  'version.withdrawn',
  'traffic.ended',
  'drift.found',
  'drift.over',
] as const;
export const NoticeKind = Type.Enum([...NOTICE_KINDS], {
  description:
    'job.ended: a job has succeeded, failed or was cancelled. version.promoted: a version took an alias. version.refused: its gate did not let it. version.rolled-back: an alias went back. version.withdrawn: an alias was removed. traffic.ended: a canary or an experiment is over. drift.found, drift.over: a check of drift is below its limits, or is within them again.',
});
export type NoticeKind = Static<typeof NoticeKind>;

/** One thing that happened, as it is written down. */
export interface NewNotice {
  kind: NoticeKind;
  model?: string | undefined;
  version?: number | undefined;
  /** Id of the job that it came of. */
  job?: string | undefined;
  /** Details of the kind. They go out to webhooks, so they hold no ids of people. */
  data: Readonly<Record<string, unknown>>;
}

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const Notice = Type.Object(
  {
    id: Type.String({ examples: ['ntc_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
    at: Type.String({ format: 'date-time' }),
    kind: NoticeKind,
    model: orNull(ModelName),
    version: orNull(Type.Integer({ examples: [4] })),
    job: orNull(Type.String({ description: 'The job that it came of.' })),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description: 'What else there is to say; its fields depend on the kind, see docs/webhooks.md.',
    }),
  },
  { description: 'Something that happened to the installation.' },
);
export type Notice = Static<typeof Notice>;
