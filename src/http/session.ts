import type { Static } from 'typebox';
import { problem } from '../core/errors.ts';
import type { SessionBody } from '../domain/answers/recommend-request.ts';
import { parseTimestamp } from '../domain/base/timestamp.ts';
import { valueProblem } from '../domain/data/event-type.ts';
import { CLOCK_SKEW_MS } from '../domain/data/interaction.ts';
import type { Installed } from '../domain/data/weighting.ts';
import type { Subject } from '../serving/answers/request.ts';
import type { HistoryRow } from '../store/data/contract.ts';
import { checkedId } from './path-id.ts';

type Body = Pick<Static<typeof SessionBody>, 'userId' | 'visitor' | 'interactions' | 'userFeatures'>;

/** @param within before the field in what is said of it @throws problem('invalid-request') that names the interaction, problem('invalid-id') */
export function subjectOf(
  { userId, visitor, interactions = [], userFeatures }: Body,
  now: number,
  installed: Installed,
  within = '',
): Subject {
  const session = interactions
    .map((interaction, i) => historyRow(interaction, `${within}interactions[${i}]`, now, installed))
    .reverse();
  return {
    userId: userId === undefined ? null : checkedId('userId', userId),
    ...(visitor !== undefined && { visitor: checkedId('visitor', visitor) }),
    session,
    ...(userFeatures && { features: userFeatures }),
  };
}

function historyRow(
  { itemId, type = 'click', value, timestamp }: NonNullable<Body['interactions']>[number],
  field: string,
  now: number,
  installed: Installed,
): HistoryRow {
  checkedId(`${field}.itemId`, itemId);
  const wrong = valueProblem(type, installed(type), value ?? null);
  if (wrong !== null) throw problem('invalid-request', `${field}.value must be ${wrong}.`);
  const time = timestamp === undefined ? now : parseTimestamp(timestamp);
  if (Number.isNaN(time) || time > now + CLOCK_SKEW_MS) {
    throw problem(
      'invalid-request',
      `${field}.timestamp must be a time since 1970 that is not in the future, such as 2026-03-01T12:00:00Z.`,
    );
  }
  return { itemId, type, value: value ?? null, timestamp: time };
}
