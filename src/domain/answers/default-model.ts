import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';

const DefaultModel = Type.Object({
  model: Type.Union([ModelName, Type.Null()], { description: 'Null where there is no model of this kind.' }),
  from: Type.Union([Type.Enum(['chosen', 'setting', 'first']), Type.Null()], {
    description:
      'chosen: by PUT /default-model. setting: by DEFAULT_MODEL. first: the model that went live first.',
  }),
});
export type DefaultModel = Static<typeof DefaultModel>;

export const DefaultModels = Type.Object(
  {
    recommend: DefaultModel,
    labels: DefaultModel,
    warnings: Type.Array(Type.String(), {
      description: 'Where DEFAULT_MODEL and the chosen model contradict each other, or one is not live.',
    }),
  },
  { description: 'The models that answer requests that name none.' },
);
export type DefaultModels = Static<typeof DefaultModels>;

export const NewDefaultModel = Type.Object({ model: ModelName }, { additionalProperties: false });
