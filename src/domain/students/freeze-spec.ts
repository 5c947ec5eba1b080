import { type Static, Type } from 'typebox';
import type { StudentSpec } from './student-spec.ts';

export const FreezeSpec = Type.Object(
  {
    layer: Type.String({
      maxLength: 64,
      description:
        'items (both matrices), itemsIn, itemsOut, itemBias, userBias, hidden (the layer between the history and the user vector), or solver (the ridge of a user vector that is solved).',
      examples: ['items'],
    }),
    epochs: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Left out, all of them.' }),
    ),
  },
  { additionalProperties: false },
);
export type FreezeSpec = Static<typeof FreezeSpec>;

type Shape = Pick<StudentSpec, 'tied' | 'itemBias' | 'user'> & { hidden?: number | null };

/** The parameters of each layer that a student of this shape has. */
export function layersOf({ tied, itemBias, hidden, user }: Shape): Record<string, string[]> {
  const hasHidden = hidden !== undefined && hidden !== null;
  return {
    items: tied ? ['itemsOut'] : ['itemsIn', 'itemsOut'],
    ...(!tied && { itemsIn: ['itemsIn'] }),
    itemsOut: ['itemsOut'],
    ...(itemBias !== false && { itemBias: ['itemBias'] }),
    userBias: ['userBias'],
    ...(hasHidden && { hidden: ['inner', 'innerBias'] }),
    ...(user === 'solved' && { solver: ['solver'] }),
  };
}

/** The first layer that the student does not have, or null. */
export function freezeProblem(freeze: readonly FreezeSpec[], shape: Shape): string | null {
  const layers = layersOf(shape);
  for (const [i, { layer }] of freeze.entries()) {
    if (Object.hasOwn(layers, layer)) continue;
    return `distillation.freeze[${i}].layer ${layer} is none of the student's; it has ${Object.keys(layers).join(', ')}`;
  }
  const frozen = new Set(
    freeze.filter(({ epochs }) => epochs === undefined).flatMap(({ layer }) => layers[layer]!),
  );
  const all = new Set(Object.values(layers).flat());
  if (frozen.size < all.size) return null;
  return 'distillation.freeze leaves nothing to train; give one of its layers epochs, or leave one out';
}
