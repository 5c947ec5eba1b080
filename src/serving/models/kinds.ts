import type { ArtifactStore } from '../../artifact/store/store.ts';
import { holdsLabels } from '../../artifact/student/load-any.ts';
import type { Installed, Weighting } from '../../domain/data/weighting.ts';
import type { CatalogueWork } from '../threads/catalogue-work.ts';
import type { CatalogueSource } from './catalogue-items.ts';
import { type LiveLabels, loadLiveLabels } from './live-labels.ts';
import { type LiveModel, loadLiveModel } from './live-model.ts';
import type { VersionLoader } from './live-version.ts';

/** The kinds of models, and what a loaded version of each is. */
export interface LiveKinds {
  items: LiveModel;
  labels: LiveLabels;
}

export type Kind = keyof LiveKinds;
export type AnyLive = LiveKinds[Kind];
export type Loaders = { [K in Kind]: VersionLoader<LiveKinds[K]> };

export interface LoaderDeps {
  artifacts: Pick<ArtifactStore, 'get'>;
  work: CatalogueWork;
  /** The source of items that a model was not trained on; without it there are only those that it was. */
  catalogue?: CatalogueSource;
  /** Meanings of types of interactions that a version never saw; by default what is usual for their names. */
  installed?: () => Installed;
  /** Told what types of interactions mean to a version, before it answers. */
  heed?: (weighting: Weighting) => void;
  /** Called with a model that is about to be live and the one it replaces, to get it ready. */
  warm?: (next: LiveModel, former: LiveModel) => Promise<void>;
}

export function createLoaders({ artifacts, work, catalogue, warm, installed, heed }: LoaderDeps): Loaders {
  const heeding = async <V extends AnyLive>(loading: Promise<V>): Promise<V> => {
    const version = await loading;
    heed?.(version.manifest.weighting);
    return version;
  };
  return {
    items: {
      load: (registered, isServing) =>
        heeding(loadLiveModel(artifacts, registered, work, isServing, catalogue, installed)),
      renew: async (model) => (await model.renewed?.()) ?? null,
      ...(warm && { warm }),
    },
    labels: { load: (registered) => heeding(loadLiveLabels(artifacts, registered, installed)) },
  };
}

/** The reason in the error for a model that was asked as one of this kind and is of another. */
export const NOT_OF_KIND: Record<Kind, string> = {
  items: 'predicts labels and recommends nothing; ask POST /labels. Models that recommend',
  labels: 'recommends items and predicts no labels. Models that do',
};

/** The kind of an artifact, by its manifest alone. @throws as holdsLabels */
export async function kindOfArtifact(artifacts: Pick<ArtifactStore, 'get'>, key: string): Promise<Kind> {
  return (await holdsLabels(artifacts, key)) ? 'labels' : 'items';
}

export function isOfKind<K extends Kind>(version: AnyLive, kind: K): version is LiveKinds[K] {
  return version.kind === kind;
}
