import path from 'node:path';
import { isAllowedBucketUrl, isPathWithin } from '../../core/allowed-source.ts';
import { problem } from '../../core/errors.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { AppDeps } from '../deps.ts';

export type SourceSettings = Pick<AppDeps, 'importDir' | 'importUrls'>;

/**
 * Refuses files that no setting allows, as far as this process knows the settings; the worker, which reads them, checks again.
 * @returns what is to be said where only a worker can know
 * @throws problem('source-not-allowed'), problem('invalid-job') for an address that is none of a bucket
 */
export function requireSource(
  settings: SourceSettings,
  { dataset }: Pick<DistillationSpec, 'dataset'>,
): string[] {
  const parquet = dataset?.source?.parquet;
  if (parquet === undefined) return [];
  const field = 'dataset.source.parquet';
  if (parquet.startsWith('s3://')) {
    if (isAllowedBucketUrl(parquet, settings.importUrls ?? [])) return [];
    throw problem(
      'source-not-allowed',
      `${field} must be below an address s3://... of IMPORT_URLS; got ${parquet}. Add its folder there`,
    );
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(parquet))
    throw problem(
      'invalid-job',
      `${field} must be a path within IMPORT_DIR or an address s3://...; got ${parquet}`,
    );
  return requirePath(settings, field, parquet);
}

/** Refuses a path that leads out of IMPORT_DIR, and answers as `requireSource` does. @param field begins the sentences */
export function requirePath({ importDir }: SourceSettings, field: string, name: string): string[] {
  const refused = () => problem('source-not-allowed', `${field} must be within IMPORT_DIR; got ${name}`);
  if (importDir !== undefined) {
    if (!isPathWithin(importDir, name)) throw refused();
    return [];
  }
  // Whatever folder a worker has, this leads out of it.
  if (!path.isAbsolute(name) && !isPathWithin('/import-dir', name)) throw refused();
  return [unknown(field)];
}

const unknown = (field: string) =>
  `${field}: IMPORT_DIR is not set for this api. The job fails unless it is set for the worker that runs it; set it for both, so that paths are checked when a job is posted.`;
