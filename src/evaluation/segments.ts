import { type Csr, rowLength } from '../dataset/matrix.ts';

/** Item classes by popularity in training: each carries a third of the interactions. */
export const ITEM_CLASSES = ['head', 'torso', 'tail'] as const;

/** [N] class of each item: 0 head, 1 torso, 2 tail. */
export function itemClasses(popularity: Float32Array): Uint8Array {
  const order = Array.from(popularity, (_, i) => i).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const total = popularity.reduce((sum, x) => sum + x, 0);
  const classes = new Uint8Array(popularity.length);
  let before = 0;
  for (const item of order) {
    classes[item] = Math.min(2, Math.floor((3 * before) / Math.max(total, Number.MIN_VALUE)));
    before += popularity[item]!;
  }
  return classes;
}

/** Users by the length of the history that the scores were computed from. */
export const HISTORY_CLASSES: readonly { name: string; from: number; to: number }[] = [
  { name: '0', from: 0, to: 0 },
  { name: '1-5', from: 1, to: 5 },
  { name: '6-20', from: 6, to: 20 },
  { name: '21-50', from: 21, to: 50 },
  { name: '51-200', from: 51, to: 200 },
  { name: '201+', from: 201, to: Number.POSITIVE_INFINITY },
];

export function historyClass(histories: Csr, user: number): number {
  const n = rowLength(histories, user);
  return HISTORY_CLASSES.findIndex((c) => n >= c.from && n <= c.to);
}
