import { fetchFile, parseJson, readOneListed } from '../artifact/store/read-folder.ts';
import { AppError, problem } from '../core/errors.ts';
import type { RegisteredVersion } from '../domain/answers/model.ts';
import type { Blobs } from './deps.ts';

const MANIFEST = 'manifest.json';

type Manifest = { files?: Record<string, { bytes: number; sha256: string }> };

/**
 * A file of a version, only if it is what was written: damaged files are never handed out.
 * @throws problem('conflict') for a damaged one, problem('not-found') that names the files that there are
 */
export async function fileOfVersion(
  artifacts: Pick<Blobs, 'get'>,
  { model, version, artifact }: Pick<RegisteredVersion, 'model' | 'version' | 'artifact'>,
  file: string,
): Promise<Buffer> {
  try {
    const manifest = await fetchFile(artifacts, artifact, MANIFEST);
    const { files = {} } = parseJson(manifest, MANIFEST) as Manifest;
    if (file === MANIFEST) return manifest;
    if (Object.hasOwn(files, file)) return await readOneListed(artifacts, artifact, files, file);
    throw problem(
      'not-found',
      `Version ${version} has no file ${JSON.stringify(file)}; it has ${[MANIFEST, ...Object.keys(files)].join(', ')}.`,
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid-artifact') throw error;
    throw problem('conflict', `Version ${version} of ${model} is damaged: ${error.detail}.`, {}, error);
  }
}
