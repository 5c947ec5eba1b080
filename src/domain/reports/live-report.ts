import { type Static, Type } from 'typebox';

const NOT_COMPARED = ['too-little-data', 'damaged', 'of-another-kind'] as const;

export const LiveReport = Type.Object(
  {
    version: Type.Integer({ description: 'The version that was live when the job measured.' }),
    alias: Type.String({ description: 'The alias that it was under.' }),
    notCompared: Type.Array(
      Type.Object({
        kind: Type.Enum([...NOT_COMPARED], {
          description:
            'too-little-data: it has learned from nearly all of the test. damaged: its artifact cannot be read. of-another-kind: another task, or features that the job does not read.',
        }),
        why: Type.String(),
        task: Type.Optional(Type.String({ description: 'Of a job with tasks: the task.' })),
      }),
      { description: 'Why there is no comparison with it; empty where there is one.' },
    ),
  },
  { description: 'The version that the job was about to replace. Absent where nothing was live.' },
);
export type LiveReport = Static<typeof LiveReport>;
