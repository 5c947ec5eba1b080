import type { Job } from '../../../domain/jobs/job.ts';
import { type Body, withValue } from '../new-job/body.ts';

/** A setting of a job: what the request said, and what the job ran with. */
export interface SpecRow {
  field: string;
  /** Undefined where the request left it open. */
  asked?: unknown;
  /** Undefined where nobody knows it yet. */
  used?: unknown;
  /** Why it has this value, where the request left it open. */
  why?: string;
}

type Settings = Record<string, unknown>;

/** Parts of the settings of a report that are parts of the request under the same name. */
const SAME_NAME = ['teacher', 'student', 'distillation'];

/**
 * Settings of a distillation: as they were asked, beside as they were used, in the order of the job's spec.
 * @param settings those of the version's report, or of the job's plan before there is one
 */
export function specRows({ spec, plan }: Pick<Job, 'spec' | 'plan'>, settings: Settings | null): SpecRow[] {
  const defaults = new Map((plan?.defaults ?? []).map((one) => [one.field, one]));
  const isOpen = (field: string) =>
    [...defaults.keys()].some((open) => open === field || field.startsWith(`${open}.`));
  const rows = new Map<string, SpecRow>();
  const row = (field: string): SpecRow => {
    const known = rows.get(field) ?? { field };
    rows.set(field, known);
    return known;
  };
  for (const [field, value] of leaves(spec as Settings)) {
    if (field === 'type') continue;
    row(field).used = value;
    if (!isOpen(field)) row(field).asked = value;
  }
  for (const { field, value, why } of defaults.values()) {
    if (value === null && !rows.has(field)) row(field);
    const covered = [...rows.keys()].filter((one) => one.startsWith(`${field}.`));
    if (covered.length === 0) Object.assign(row(field), { why, ...(value !== null && { used: value }) });
    else for (const one of covered) row(one).why = why;
  }
  for (const part of SAME_NAME)
    for (const [field, value] of leaves({ [part]: settings?.[part] }))
      if (value !== null) row(field).used = value;
  return [...rows.values()].sort((a, b) => placeOf(a.field) - placeOf(b.field));
}

/** The body of a job's request, to begin another one with. The place among several students is written by the API. */
export function askedBody(job: Pick<Job, 'spec' | 'plan'>): Body {
  return specRows(job, null)
    .filter(({ asked, field }) => asked !== undefined && field !== 'publish.place')
    .reduce<Body>((body, { field, asked }) => withValue(body, field.split('.'), asked), {});
}

const PARTS = [
  ...['model', 'task', 'tasks', 'labels', 'dataset', 'features', 'teacher', 'student', 'students', 'search'],
  ...['distillation', 'evaluation', 'publish'],
];

function placeOf(field: string): number {
  const place = PARTS.indexOf(field.split('.')[0]!);
  return place < 0 ? PARTS.length : place;
}

/** Values that are no plain objects, with their paths. Lists stay whole: they are read as one. */
function leaves(settings: Settings, before = ''): [field: string, value: unknown][] {
  return Object.entries(settings).flatMap(([name, value]): [string, unknown][] => {
    const field = before + name;
    if (value === undefined) return [];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[field, value]];
    const inner = leaves(value as Settings, `${field}.`);
    return inner.length === 0 ? [[field, value]] : inner;
  });
}
