import type { LiveReport } from '../../domain/reports/live-report.ts';

type Reason = LiveReport['notCompared'][number];
export type NotCompared = Reason['kind'];

/** Notes what became of the comparison with the version that is live, for the report. */
export interface LiveFate {
  found(version: number, alias: string): void;
  notCompared(reason: Reason): void;
  /** Undefined where nothing was live. */
  report(): LiveReport | undefined;
}

export function createLiveFate(): LiveFate {
  let live: LiveReport | undefined;
  return {
    found(version, alias) {
      // The tasks of a job look one after the other; what the first found is what the gate speaks of.
      live ??= { version, alias, notCompared: [] };
    },
    notCompared(reason) {
      live?.notCompared.push(reason);
    },
    report: () => live,
  };
}
