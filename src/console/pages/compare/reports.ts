import { useEffect, useState } from 'preact/hooks';
import type { Report } from '../../../domain/reports/report.ts';
import { type ApiError, get } from '../../api.ts';
import { asApiError, useConnection } from '../../hooks.ts';
import type { VersionReport } from './compared.ts';

/** Reports of versions, in their order; null until all of them are there. */
export function useReports(
  model: string,
  versions: readonly number[],
): { reports: VersionReport[] | null; error: ApiError | null } {
  const [state, setState] = useState<{ reports: VersionReport[] | null; error: ApiError | null }>({
    reports: null,
    error: null,
  });
  const reachable = useConnection();
  useEffect(() => {
    if (reachable !== 'up') return;
    const control = new AbortController();
    const read = async (version: number) => {
      const path = `/models/${encodeURIComponent(model)}/versions/${version}/report`;
      return { version, report: await get<Report>(path, control.signal) };
    };
    Promise.all(versions.map(read)).then(
      (reports) => setState({ reports, error: null }),
      (error) => {
        if (!control.signal.aborted) setState({ reports: null, error: asApiError(error) });
      },
    );
    return () => control.abort();
  }, [model, versions.join(','), reachable]);
  return state;
}
