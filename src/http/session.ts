import type { Static } from 'typebox';
import { problem } from '../core/errors.ts';
import type { SessionBody } from '../domain/answers/recommend-request.ts';
import { parseTimestamp } from '../domain/base/timestamp.ts';
import { CLOCK_SKEW_MS, RATING_TYPE } from '../domain/data/interaction.ts';
import type { Subject } from '../serving/answers/request.ts';
import type { HistoryRow } from '../store/data/contract.ts';
import { checkedId } from './path-id.ts';

type Body = Pick<Static<typeof SessionBody>, 'userId' | 'interactions' | 'userFeatures'>;

/** @param within before the field in what is said of it @throws problem('invalid-request') that names the interaction, problem('invalid-id') */
export function subjectOf(
  { userId, interactions = [], userFeatures }: Body,
  now: number,
  within = '',
): Subject {
  const session = interactions
    .map((interaction, i) => historyRow(interaction, `${within}interactions[${i}]`, now))
    .reverse();
  return {
    userId: userId === undefined ? null : checkedId('userId', userId),
    session,
    ...(userFeatures && { features: userFeatures }),
  };
}

function historyRow(
  { itemId, type = 'click', value, timestamp }: NonNullable<Body['interactions']>[number],
  field: string,
  now: number,
): HistoryRow {
  checkedId(`${field}.itemId`, itemId);
  if (type === RATING_TYPE && !(value !== undefined && value >= 1 && value <= 5)) {
    throw problem('invalid-request', `${field}.value must be a number from 1 to 5 when type is rating.`);
  }
  const time = timestamp === undefined ? now : parseTimestamp(timestamp);
  if (Number.isNaN(time) || time > now + CLOCK_SKEW_MS) {
    throw problem(
      'invalid-request',
      `${field}.timestamp must be a time since 1970 that is not in the future, such as 2026-03-01T12:00:00Z.`,
    );
  }
  return { itemId, type, value: value ?? null, timestamp: time };
}
