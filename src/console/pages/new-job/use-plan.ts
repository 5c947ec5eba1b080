import { useEffect, useState } from 'preact/hooks';
import type { JobPlan } from '../../../domain/jobs/job-plan.ts';
import { type ApiError, send } from '../../api.ts';
import { asApiError, useConnection } from '../../hooks.ts';
import type { Body } from './body.ts';
import { type FieldProblem, problemsOfErrors } from './plan-notes.ts';

/** Pause in typing after which a plan is asked for. */
const PAUSE_MS = 400;

export interface Planned {
  /** The last plan that could be made; it is of an earlier body while `isAsking`, and where the schema does not allow this one. */
  plan: JobPlan | null;
  problems: readonly FieldProblem[];
  /** Why there is no plan, where it is not the body's fault. */
  error: ApiError | null;
  isAsking: boolean;
}

/** The plan of a body, asked for anew whenever it changes. @param body null asks nothing */
export function usePlan(body: Body | null): Planned {
  const [planned, setPlanned] = useState<Omit<Planned, 'isAsking'>>({
    plan: null,
    problems: [],
    error: null,
  });
  const [isAsking, setAsking] = useState(false);
  const text = body && JSON.stringify(body);
  const reachable = useConnection();
  useEffect(() => {
    if (text === null || reachable !== 'up') return;
    const control = new AbortController();
    setAsking(true);
    const timer = setTimeout(async () => {
      try {
        const { body: plan } = await send<JobPlan>('POST', '/jobs/plan', {
          json: JSON.parse(text),
          signal: control.signal,
        });
        setPlanned({ plan, problems: plan.problems, error: null });
      } catch (thrown) {
        if (control.signal.aborted) return;
        setPlanned(({ plan }) => ({ plan, ...refusal(asApiError(thrown)) }));
      }
      setAsking(false);
    }, PAUSE_MS);
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [text, reachable]);
  return { ...planned, isAsking };
}

function refusal(error: ApiError): Pick<Planned, 'problems' | 'error'> {
  const { errors } = error.details;
  if (error.code !== 'invalid-request') return { problems: [], error };
  return {
    problems: problemsOfErrors(Array.isArray(errors) ? errors.map(String) : [error.message]),
    error: null,
  };
}
