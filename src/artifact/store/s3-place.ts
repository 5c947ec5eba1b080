import { checkKey } from './key.ts';

/** Where the blobs of an installation lie. */
export interface S3Place {
  bucket: string;
  /** Begins every object's key: empty, or with a slash at its end. */
  prefix: string;
}

const URL_FORM = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/?$/;

/** @throws Error with one sentence that says what would be right */
export function placeOf(url: string): S3Place {
  const [, bucket, folder = ''] = URL_FORM.exec(url) ?? [];
  if (bucket === undefined || !isKey(folder))
    throw new Error(
      'ARTIFACTS_URL must be s3://bucket/prefix: a bucket of 3 to 63 small letters, digits, dots and hyphens, and if any a prefix of A-Z a-z 0-9 . _ - and slashes',
    );
  return { bucket, prefix: folder === '' ? '' : `${folder}/` };
}

function isKey(folder: string): boolean {
  try {
    return folder === '' || checkKey(folder) === folder;
  } catch {
    return false;
  }
}
