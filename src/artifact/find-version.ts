import { problem } from '../core/errors.ts';
import type { RegisteredVersion } from '../domain/answers/model.ts';
import { DEFAULT_ALIAS } from '../domain/jobs/distillation-spec.ts';
import type { StoredSpec } from '../domain/teachers/teacher-spec.ts';

/** A registry of versions of models; the SQL store is one. */
export interface VersionSource {
  names(): Promise<string[]>;
  versions(model: string): Promise<RegisteredVersion[]>;
  /** The versions of one request with several students. @param contest id of its first job */
  contestants?(contest: string): Promise<RegisteredVersion[]>;
  /** The versions that the alias had before the one that it has, the nearest first. */
  before?(model: string, alias: string): Promise<RegisteredVersion[]>;
}

/**
 * The version that a job names as its teacher.
 * @throws problem('invalid-job') that says which there are
 */
export async function findVersion(
  source: VersionSource,
  { model, version, alias = DEFAULT_ALIAS }: Pick<StoredSpec, 'model' | 'version' | 'alias'>,
): Promise<RegisteredVersion> {
  const versions = await source.versions(model);
  if (versions.length === 0) {
    const names = (await source.names()).sort();
    const known = names.length > 0 ? `there are: ${names.slice(0, 20).join(', ')}` : 'there is none yet';
    throw problem('invalid-job', `teacher.model: there is no model ${model}; ${known}.`);
  }
  const found = versions.find((one) =>
    version === undefined ? one.aliases.includes(alias) : one.version === version,
  );
  if (found) return found;
  if (version === undefined) {
    const aliases = versions.flatMap((one) => one.aliases).sort();
    const known = aliases.length > 0 ? `it has ${aliases.join(', ')}` : 'it has none; name a version';
    throw problem('invalid-job', `teacher.alias: the model ${model} has no alias ${alias}; ${known}.`);
  }
  const numbers = versions.map((one) => one.version).sort((a, b) => a - b);
  throw problem(
    'invalid-job',
    `teacher.version: the model ${model} has no version ${version}; it has ${numbers.slice(-20).join(', ')}.`,
  );
}

/** @param task of the job's tasks the one that would learn from it */
export function noStoredTeacher({ model, version }: RegisteredVersion, task?: string) {
  const missing = task === undefined ? 'its teacher' : `a teacher for the task ${task}`;
  const names = task === undefined ? "stores its tasks' teachers, for tasks" : 'has them for tasks';
  return problem(
    'invalid-job',
    `teacher: version ${version} of ${model} was stored without ${missing} (a version of several tasks ${names} of the same names; else publish.teacher was false, the teacher was too large, or an earlier release made the version). Name another version, or leave out teacher.model for a teacher that is trained; of a version that ranks items the student can teach as well, with "part":"student".`,
  );
}
