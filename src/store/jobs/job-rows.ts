import type { Selectable } from 'kysely';
import { isProblemCode, problem } from '../../core/errors.ts';
import type { StoredProblem } from '../../domain/base/problem.ts';
import type { Job, JobEvent, JobLogLine } from '../../domain/jobs/job.ts';
import { withCurrentNames } from '../../domain/losses/former-names.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { JobTable, Schema } from '../engine/schema.ts';

export function toJob(row: Selectable<JobTable>): Job {
  return {
    id: row.id,
    type: row.type as Job['type'],
    state: row.state as Job['state'],
    model: row.model,
    spec: withCurrentNames(JSON.parse(row.spec)),
    attempts: row.attempts,
    createdAt: isoTime(row.created_at),
    startedAt: row.started_at === null ? null : isoTime(row.started_at),
    finishedAt: row.finished_at === null ? null : isoTime(row.finished_at),
    progress: row.progress === null ? null : JSON.parse(row.progress),
    result: row.result === null ? null : JSON.parse(row.result),
    problem: row.problem === null ? null : toProblem(JSON.parse(row.problem)),
    retriedFrom: row.retried_from,
    leader: row.waits_for,
    keyId: row.key_id,
    scheduleId: row.schedule_id,
    ...(row.trace !== null && { trace: JSON.parse(row.trace) }),
  };
}

export function toEvent(row: Selectable<Schema['job_events']>): JobEvent {
  return {
    seq: row.seq,
    at: isoTime(row.at),
    type: row.type as JobEvent['type'],
    data: JSON.parse(row.data),
  };
}

export function toLogLine(row: Selectable<Schema['job_logs']>): JobLogLine {
  const { seq, at, level, message } = row;
  return { seq, at: isoTime(at), level: level as JobLogLine['level'], message };
}

/** A code of an older release that has left the catalogue counts as internal. */
function toProblem(stored: StoredProblem): Job['problem'] {
  const code = isProblemCode(stored.code) ? stored.code : 'internal';
  return { type: 'about:blank', ...stored, status: problem(code, '').status, code };
}
