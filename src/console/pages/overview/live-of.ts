import type { Model } from '../../../domain/answers/model.ts';
import type { Ready } from './shapes.ts';

/**
 * Versions that answer requests naming only their model: the stable one, or the one that stands in for it. A version that
 * somebody asked for by its number is loaded as well, but is not live.
 * @param loaded versions that the api process holds
 */
export function liveOf(
  models: readonly Pick<Model, 'name' | 'aliases' | 'versions'>[],
  loaded: Ready['models'],
): Ready['models'] {
  return models.flatMap(({ name: model, aliases: { stable }, versions }) => {
    if (stable === undefined) return [];
    const isLoaded = loaded.some((one) => one.model === model && one.version === stable);
    const version = isLoaded ? stable : versions.find(({ serving }) => serving.state === 'live')?.version;
    return version === undefined ? [] : [{ model, version }];
  });
}
