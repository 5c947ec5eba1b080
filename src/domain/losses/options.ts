import { type Static, Type } from 'typebox';
import { scheduled } from '../base/scheduled.ts';

/** Up to so many items a softmax is over all of them; sampling is cheaper beyond, and a little worse everywhere. */
export const FULL_SOFTMAX_ITEMS = 50_000;
const SOFTMAX = { top: 200, samples: 4096 };

export const temperature = (of: string) =>
  scheduled({ exclusiveMinimum: 0, maximum: 1000 }, `${of} A number, or a schedule.`);

export const ownItems = Type.Enum(['visible', 'hidden'], {
  description: "Whether the user's own items stay in the teacher's distribution.",
});

export const side = Type.Enum(['users', 'items', 'both'], {
  description:
    "Whose rankings are distilled: the teacher's ranking of items for each user (users), of the batch's users for each item (items), or both, whose losses are added.",
});
export type Side = Static<typeof side>;

export const link = Type.Enum(['softmax', 'sigmoid'], {
  description:
    'One distribution over all items (softmax, the default), or a probability for each item by itself (sigmoid), in the task multi-label with labels from items.',
});

const Top = (usual: number) =>
  Type.Integer({
    minimum: 1,
    maximum: 10_000,
    description: `Items of the teacher's list; default ${usual}.`,
  });
const Samples = (description: string) => Type.Integer({ minimum: 0, maximum: 100_000, description });

/** Options of a loss that compares the teacher's list with other items. */
export const listAndOthers = (usual: { top: number; samples: number }) => ({
  top: Top(usual.top),
  samples: Samples(`Other items beside the list; default ${usual.samples}.`),
});

export function othersProblem(kind: string, { samples }: { samples?: number }, field: string): string | null {
  if (samples !== 0) return null;
  return `${field}.samples must be at least 1: ${kind} compares the teacher's list with other items`;
}

/** Options of a loss that is a softmax over the catalogue, or over a list and a sample of the rest. */
export const listOrCatalogue = {
  top: Top(SOFTMAX.top),
  samples: Samples(
    `Sampled items that stand for the catalogue; 0 for all of it, the default up to ${FULL_SOFTMAX_ITEMS} items.`,
  ),
};

export function listOrCatalogueFor(items: number): { top: number; samples: number } {
  return atMost(items, { top: SOFTMAX.top, samples: items <= FULL_SOFTMAX_ITEMS ? 0 : SOFTMAX.samples });
}

export function atMost(items: number, { top, samples }: { top: number; samples: number }) {
  return { top: Math.min(top, items), samples: Math.min(samples, items) };
}
