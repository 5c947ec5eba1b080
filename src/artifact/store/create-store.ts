import type { Config } from '../../core/config.ts';
import type { Logger } from '../../core/logger.ts';
import { createFsStore } from './fs-store.ts';
import { placeOf } from './s3-place.ts';
import type { ArtifactStore } from './store.ts';

/** The settings that say where artifacts lie. */
export type ArtifactSettings = Pick<
  Config,
  | 'artifactsUrl'
  | 'artifactsS3Endpoint'
  | 'artifactsS3Region'
  | 'artifactsS3PathStyle'
  | 'artifactsCacheDir'
  | 'artifactsCacheMib'
>;

/**
 * The store that the settings name: a folder, or a bucket with a cache on this machine's disk. The SDK for buckets is loaded when
 * something is first asked of one.
 * @param logger hears when copies stand in for a store that is away
 * @throws Error with one sentence where the settings contradict each other
 */
export function createArtifactStore(settings: ArtifactSettings, logger?: Logger): ArtifactStore {
  const { artifactsUrl: url, artifactsS3Endpoint: endpoint, artifactsS3Region: region } = settings;
  if (!url.startsWith('s3:')) {
    if (endpoint ?? region)
      throw new Error(
        'ARTIFACTS_S3_ENDPOINT and ARTIFACTS_S3_REGION need ARTIFACTS_URL=s3://bucket/prefix, and artifacts lie in a folder',
      );
    return createFsStore(url);
  }
  placeOf(url);
  const { artifactsS3PathStyle: style, artifactsCacheDir: folder, artifactsCacheMib: mostMiB } = settings;
  const pathStyle = style === 'true' || (style === 'auto' && endpoint !== undefined);
  return onFirstUse(async () => {
    const { createS3Store } = await import('./s3-store.ts');
    const store = createS3Store({ url, endpoint, region, pathStyle });
    if (mostMiB === 0) return store;
    const [{ createCachedStore }, { createFileCache }] = await Promise.all([
      import('./cached-store.ts'),
      import('./file-cache.ts'),
    ]);
    return createCachedStore(store, createFileCache(folder, mostMiB * 2 ** 20), logger);
  });
}

function onFirstUse(load: () => Promise<ArtifactStore>): ArtifactStore {
  let loading: Promise<ArtifactStore> | undefined;
  const store = () => {
    loading ??= load();
    return loading;
  };
  return {
    put: async (key, body) => (await store()).put(key, body),
    get: async (key) => (await store()).get(key),
    open: async (key, range) => (await store()).open(key, range),
    list: async (prefix) => (await store()).list(prefix),
    stat: async (key) => (await store()).stat(key),
    putFolder: async (prefix, files) => (await store()).putFolder(prefix, files),
    remove: async (key) => (await store()).remove(key),
  };
}
