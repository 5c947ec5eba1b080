import type { NewNotice } from '../../domain/notices/notice.ts';
import type { Promotion } from '../../domain/releases/promotion.ts';
import type { AliasMove, MovedBy } from './contract.ts';

interface Moved {
  model: string;
  alias: string;
  /** Null where the alias was removed. */
  version: number | null;
  /** Where it pointed before. */
  from: { version: number } | null;
  action: AliasMove['action'];
  by?: MovedBy | undefined;
}

/** Notice of a move of an alias that versions are served under. */
export function aliasMoved({ model, alias, version, from, action, by = {} }: Moved): NewNotice {
  const kind =
    version === null
      ? 'version.withdrawn'
      : action === 'rolled-back'
        ? 'version.rolled-back'
        : 'version.promoted';
  const { keyId, jobId, reason } = by;
  return {
    kind,
    model,
    version: version ?? from?.version,
    job: jobId,
    data: {
      alias,
      ...(version !== null && { from: from?.version ?? null }),
      ...(keyId !== undefined && { keyId }),
      ...(reason !== undefined && { reason }),
    },
  };
}

/** Notice of a version that did not take the alias of its job, with the rules that it has not passed. */
export function versionRefused(
  { model, version, jobId }: { model: string; version: number; jobId: string },
  { alias, rules, comparedWith }: Promotion,
): NewNotice {
  const failed = rules.filter(({ passed }) => !passed);
  return {
    kind: 'version.refused',
    model,
    version,
    job: jobId,
    data: { alias, comparedWith, rules: failed },
  };
}
