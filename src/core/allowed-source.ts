import path from 'node:path';

/** True for a path that stays within the folder by its letters; links on the disk may still lead elsewhere. */
export function isPathWithin(folder: string, name: string): boolean {
  const from = path.relative(folder, path.resolve(folder, name));
  return from !== '..' && !from.startsWith(`..${path.sep}`) && !path.isAbsolute(from);
}

/**
 * True for an address in a bucket that is below an allowed one. What lies beside a folder begins with other letters or another sign.
 * @param allowed such as `s3://lake/events`
 */
export function isAllowedBucketUrl(url: string, allowed: readonly string[]): boolean {
  if (url.split('/').includes('..')) return false;
  return allowed.some(
    (entry) => entry.startsWith('s3://') && url.startsWith(entry.endsWith('/') ? entry : `${entry}/`),
  );
}
