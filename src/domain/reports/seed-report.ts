import { type Static, Type } from 'typebox';
import { Numbers } from './measured.ts';
import { ModelReport } from './model-report.ts';

export const SeedReport = Type.Object(
  {
    seed: Type.Integer({ description: "The job's seed for the first one, whose student is published." }),
    models: Type.Array(Type.Object({ name: ModelReport.properties.name, metrics: Numbers }), {
      description: 'Students and controls, over the users that the table `models` counts.',
    }),
  },
  { description: 'Students and controls that were trained with one seed, by themselves.' },
);
export type SeedReport = Static<typeof SeedReport>;
