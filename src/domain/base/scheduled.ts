import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

/** Limits of a share of training, from 0 (its first step) to 1. */
const Share = { minimum: 0, maximum: 0.9 } as const;

type Range = { minimum?: number; exclusiveMinimum?: number; maximum: number };

/** A number, or one that changes in the course of training. */
export const scheduled = (range: Range, description: string) =>
  Type.Union(
    [
      Type.Number(range),
      Type.Object(
        {
          schedule: Type.Enum(['constant', 'linear', 'cosine']),
          from: Type.Number(range),
          to: Type.Optional(
            Type.Number({ ...range, description: 'Of linear and cosine: the value at the end.' }),
          ),
          warmup: Type.Optional(
            Type.Number({
              ...Share,
              description: 'Share of training in which a weight climbs from 0 to `from`.',
            }),
          ),
        },
        strict,
      ),
    ],
    { description },
  );
export type Scheduled = Static<ReturnType<typeof scheduled>>;

/** @param progress share of training that is done, 0..1 */
export function valueAt(value: Scheduled, progress: number): number {
  if (typeof value === 'number') return value;
  const { schedule, from, to = from, warmup = 0 } = value;
  if (progress < warmup) return (from * progress) / warmup;
  if (schedule === 'constant') return from;
  const share = Math.min(1, (progress - warmup) / (1 - warmup));
  const done = schedule === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2;
  return from + (to - from) * done;
}

/** True when the value is 0 from beginning to end. */
export function isNothing(value: Scheduled): boolean {
  return typeof value === 'number' ? value === 0 : value.from === 0 && (value.to ?? 0) === 0;
}

/** Problem of a value over time that its schema cannot find, or null. */
export function scheduleProblem(
  field: string,
  value: Scheduled | undefined,
  mayBeZero: boolean,
): string | null {
  if (value === undefined || typeof value === 'number') return null;
  if (value.schedule === 'constant' && value.to !== undefined) {
    return `${field}.to does not apply to constant; leave it out, or use linear or cosine`;
  }
  if (value.schedule !== 'constant' && value.to === undefined) {
    return `${field}.to is missing: ${value.schedule} needs the value at the end of training`;
  }
  if (!mayBeZero && value.warmup !== undefined) {
    return `${field}.warmup climbs from 0, which no temperature may be; leave it out`;
  }
  return null;
}
