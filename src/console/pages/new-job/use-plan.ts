import { useState } from 'preact/hooks';
import type { JobPlan } from '../../../domain/jobs/job-plan.ts';
import { type ApiError, send } from '../../api.ts';
import { useLate } from '../use-late.ts';
import type { Body } from './body.ts';
import { type FieldProblem, problemsOfErrors } from './plan-notes.ts';

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
  const isAsking = useLate({
    key: body && JSON.stringify(body),
    pauseMs: PAUSE_MS,
    ask: (signal) => send<JobPlan>('POST', '/jobs/plan', { json: body, signal }),
    onAnswer: ({ body: plan }) => setPlanned({ plan, problems: plan.problems, error: null }),
    onError: (error) => setPlanned(({ plan }) => ({ plan, ...refusal(error) })),
  });
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
