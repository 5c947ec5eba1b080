import { fieldName } from '../../../features/values.ts';
import { learnNewItems, type NewItemsData } from '../../new-items/learn-new-items.ts';
import type { Run } from '../../run/run.ts';
import type { Training } from './train-student.ts';

/** Adds what the student makes of items that come later, once it is trained. */
export function thenNewItems(
  { spec }: Run,
  data: Omit<NewItemsData, 'fields' | 'seed'>,
  train: Training,
): Training {
  const { items: fields } = spec.features ?? {};
  const named = Array.isArray(fields) ? fields.map(fieldName) : undefined;
  return async (fit) => {
    const trained = await train(fit);
    const learned = learnNewItems(trained.weights, { ...data, fields: named, seed: spec.distillation.seed });
    return { ...trained, weights: learned.weights, newItems: learned.report };
  };
}
