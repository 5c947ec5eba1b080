import { problem } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';

/** A version of a model that is loaded and ready to answer, as far as all kinds of models are alike. */
export interface LiveVersion {
  name: string;
  version: number;
  artifact: string;
  /** The memory that it takes, about. */
  bytes: number;
  /** Drops what it remembers of these users; null: of everybody. */
  forgetUsers?(userIds: readonly string[] | null): void;
}

/** How the versions of one kind of model come to be live. */
export interface VersionLoader<V extends LiveVersion> {
  /**
   * Loads a version aside and tries it before anybody else does.
   * @param isServing whether requests are answered meanwhile
   * @throws problem('invalid-artifact') with the reason, problem('store-unavailable') when it cannot be read now
   */
  load(registered: RegisteredVersion, isServing: boolean): Promise<V>;
  /** Gets a version ready that is about to take the place of `former`. */
  warm?(next: V, former: V): Promise<void>;
  /** Loads a version anew with what has changed around it since; null where nothing has. */
  renew?(version: V): Promise<V | null>;
}

/** @throws problem('invalid-artifact') where the artifact is not the one that was registered */
export function checkRegistered(
  manifest: Pick<RegisteredVersion, 'model' | 'items' | 'dimensions'>,
  registered: Pick<RegisteredVersion, 'model' | 'items' | 'dimensions'>,
): void {
  for (const field of ['model', 'items', 'dimensions'] as const) {
    if (manifest[field] === registered[field]) continue;
    throw problem(
      'invalid-artifact',
      `the artifact's ${field} is ${manifest[field]}, the registry's is ${registered[field]}`,
    );
  }
}
