import type { Kysely } from 'kysely';
import { DEFAULT_ALIAS, type DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { teachersNamed } from '../../domain/jobs/teachers-named.ts';
import { CONTROL } from '../../domain/traffic/traffic.ts';
import type { Schema } from '../engine/schema.ts';
import { runningTraffic } from './traffic.ts';

/** Who needs something of a model, in words for the one who would delete it. */
export interface Needs {
  /** Beside those that need one of its versions: what would publish to the model, and its aliases. */
  ofModel: string[];
  ofVersion(row: { version: number; job_id: string }): string[];
  ofAlias(alias: string): string[];
}

interface Learner {
  who: string;
  teachers: ReturnType<typeof teachersNamed>;
}

/** Reads all that needs anything of the model, in the caller's transaction. */
export async function neededBy(db: Kysely<Schema>, model: string): Promise<Needs> {
  const aliases = await db
    .selectFrom('aliases')
    .select(['alias', 'version'])
    .where('model', '=', model)
    .orderBy('alias')
    .execute();
  const jobs = await db
    .selectFrom('jobs')
    .select(['id', 'model', 'spec'])
    .where('type', '=', 'distillation')
    .where('state', 'in', ['queued', 'running', 'cancelling'])
    .execute();
  const schedules = (await db.selectFrom('schedules').select(['id', 'job']).execute()).map(({ id, job }) => ({
    id,
    spec: (JSON.parse(job) as { spec: DistillationSpec }).spec,
  }));
  const learners: Learner[] = [
    ...jobs.map(({ id, spec }) => learner(`job ${id}`, JSON.parse(spec))),
    ...schedules.map(({ id, spec }) => learner(`schedule ${id}`, spec)),
  ];
  const traffic = await runningTraffic(db, model);
  const ofTraffic = (version: number): string[] => [
    ...(traffic?.variants ?? [])
      .filter((one) => one.version === version)
      .map(({ name }) => `traffic (${name})`),
    ...(traffic?.shadow?.version === version ? ['traffic (shadow)'] : []),
  ];
  return {
    ofModel: [
      ...aliases.map(({ alias }) => `alias ${alias}`),
      ...(traffic ? ['traffic'] : []),
      ...jobs.filter((job) => job.model === model).map(({ id }) => `job ${id}`),
      ...schedules.filter(({ spec }) => spec.model === model).map(({ id }) => `schedule ${id}`),
    ],
    ofVersion: ({ version, job_id: own }) => [
      ...aliases.filter((one) => one.version === version).map(({ alias }) => `alias ${alias}`),
      // Its own job would find its artifact again if it were run once more.
      ...jobs.filter(({ id }) => id === own).map(({ id }) => `job ${id}`),
      ...learners
        .filter(({ teachers }) => teachers.some((one) => one.model === model && one.version === version))
        .map(({ who }) => who),
      ...ofTraffic(version),
    ],
    ofAlias: (alias) => [
      ...(traffic && alias === CONTROL ? ['traffic'] : []),
      ...learners
        .filter(({ teachers }) =>
          teachers.some(
            (one) =>
              one.model === model && one.version === undefined && (one.alias ?? DEFAULT_ALIAS) === alias,
          ),
        )
        .map(({ who }) => who),
    ],
  };
}

function learner(who: string, spec: DistillationSpec): Learner {
  return { who, teachers: teachersNamed(spec) };
}
