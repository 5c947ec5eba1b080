import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../core/errors.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import { MAX_LINE_BYTES } from '../../ingest/blocks.ts';
import { parseJson } from '../../ingest/json-text.ts';
import { jsonMapper } from '../../ingest/mapping/json-mapper.ts';
import type { Mapped, ReadOptions } from '../../ingest/read-rows.ts';
import { parseInteraction } from '../../ingest/rows.ts';
import type { RejectedMessage } from '../../store/consumed/contract.ts';
import { textOf, userOf } from '../import/rejected-rows.ts';

/** A message of a topic, as far as it is of interest here. */
export interface TopicMessage {
  partition: number;
  /** Its number in the partition. */
  offset: number;
  /** Milliseconds; when its producer or the broker says it was made. */
  timestamp: number;
  value: Buffer | undefined;
}

export interface ReadRows {
  rows: StoredInteraction[];
  rejects: RejectedMessage[];
}

/**
 * Reads interactions of messages: the value is JSON, mapped and checked as in imports. A row without a time has that of its message,
 * as a time of receipt.
 * @param options as in an import. Formats of times are not guessed, as a consumer that is started again would see other messages
 * @throws problem('invalid-rows') for columns that cannot be used
 */
export function createMessageReader(
  options: ReadOptions,
): (message: TopicMessage, now: number, installed: Installed) => ReadRows {
  const map = jsonMapper('interactions', [], options);
  return (message, now, installed) => {
    const read: ReadRows = { rows: [], rejects: [] };
    const { partition, offset, value } = message;
    const text = value?.toString('utf8') ?? '';
    const reject = (row: number, reason: string, raw?: unknown) => {
      const line = { line: row, text, ...(raw === undefined ? { reason } : { raw }) };
      const whose = { text: textOf(line), userId: userOf(line) };
      read.rejects.push({ partition, message: offset, row, reason, ...whose });
    };
    const record = recordOf(value, text);
    if ('reason' in record) {
      reject(0, record.reason);
      return read;
    }
    for (const [row, mapped] of ([map(record.record)].flat() as Mapped[]).entries()) {
      const parsed =
        'reason' in mapped ? mapped : parseInteraction(mapped.raw, now, { installed, keepsSource: true });
      if ('reason' in parsed) reject(row, parsed.reason, 'raw' in mapped ? mapped.raw : undefined);
      else read.rows.push(withTime(parsed.ok, message.timestamp, now));
    }
    return read;
  };
}

function recordOf(value: Buffer | undefined, text: string): { record: unknown } | { reason: string } {
  if (value === undefined) return { reason: 'the message has no value' };
  if (value.length > MAX_LINE_BYTES) return { reason: `the message is longer than ${MAX_LINE_BYTES} bytes` };
  if (value[0] === 0)
    return { reason: 'the value begins with a zero byte, as those of a schema registry do; send plain JSON' };
  if (!isUtf8(value)) return { reason: 'the value is not UTF-8; send JSON in UTF-8' };
  try {
    return { record: parseJson(text) };
  } catch (error) {
    return { reason: `the value is not valid JSON: ${messageOf(error)}` };
  }
}

/** A clock that is ahead, or none at all (-1), must not make times of its own. */
function withTime(row: StoredInteraction, messageTime: number, now: number): StoredInteraction {
  if (row.timestamp !== null) return row;
  return { ...row, timestamp: messageTime > 0 ? Math.min(messageTime, now) : now, received: true };
}
