import {
  Consumer,
  type ConsumerOptions,
  ListOffsetTimestamps,
  type MessagesStream,
} from '@platformatic/kafka';
import { messageOf } from '../../core/errors.ts';
import { createFollower, type Follow } from './follow-offsets.ts';
import type { TopicMessage } from './message-rows.ts';

export interface KafkaAccess {
  /** `host:port` of some of the brokers. */
  brokers: readonly string[];
  /** A member that is not heard of for so long has lost its partitions. */
  sessionMs: number;
  /** Certificates (PEM) that brokers' are checked against; undefined for those of the system; null: not encrypted. */
  tls: { ca: string | undefined } | null;
  sasl: { mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; username: string; password: string } | null;
}

/** First message that is there, and the one that comes next. */
export interface Bounds {
  first: number;
  end: number;
}

/** A member of a group that reads one topic. Positions are the caller's: none are kept in Kafka. */
export interface TopicReader {
  /** Joins the group, or waits for a membership that was lost, and says which partitions are this member's now. */
  join(): Promise<number[]>;
  /** Identity of the topic, and its bounds by partition. */
  topic(): Promise<{ id: string; bounds: Map<number, Bounds> }>;
  /** Messages from these positions on, in lists; ends when the member gets other partitions, or at the signal. */
  read(positions: ReadonlyMap<number, number>, signal: AbortSignal): AsyncIterable<TopicMessage[]>;
  /** Leaves the group, so that others need not wait until it is missed. */
  close(): Promise<void>;
}

type Client = Consumer<Buffer, Buffer, Buffer, Buffer>;
type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/** Heartbeats within the time after which a member has lost its partitions. */
const HEARTBEATS = 5;
const REBALANCE_MS = 30_000;
/** Messages that are read ahead; with them the memory is bounded. */
const AHEAD = 2_000;
const MAX_FETCH_BYTES = 4 * 2 ** 20;
const MAX_WAIT_MS = 500;

/** @param onProblem hears of failures that the client mends by itself */
export function createTopicReader(
  access: KafkaAccess,
  { group, topic }: { group: string; topic: string },
  onProblem: (reason: string) => void,
): TopicReader {
  const client: Client = new Consumer(optionsOf(access, group));
  client.on('error', (error: Error) => onProblem(messageOf(error)));
  // Held for as long as the client lives: a stream that is closed would leave the topic, and its next one rebalance the group.
  client.topics.track(topic);
  const follow = createFollower(onProblem);
  const assigned = () => {
    const mine = client.assignments?.find((assignment) => assignment.topic === topic);
    return [...(mine?.partitions ?? [])].sort((a, b) => a - b);
  };
  return {
    async join() {
      if (!client.isActive()) await client.joinGroup();
      return assigned();
    },
    async topic() {
      const metadata = await client.metadata({ topics: [topic], forceUpdate: true });
      const found = metadata.topics.get(topic);
      if (!found) throw new Error(`The topic ${topic} is not there`);
      const at = (timestamp: bigint) => client.listOffsets({ topics: [topic], timestamp });
      const [firsts, ends] = [await at(ListOffsetTimestamps.EARLIEST), await at(ListOffsetTimestamps.LATEST)];
      const bounds = new Map<number, Bounds>();
      for (const [partition, end] of (ends.get(topic) ?? []).entries())
        bounds.set(partition, { first: Number(firsts.get(topic)![partition]), end: Number(end) });
      return { id: found.id, bounds };
    },
    async *read(positions, signal) {
      const read = [...positions.keys()].sort((a, b) => a - b).join();
      let isEnding = false;
      const offsets = [...positions].map(([partition, next]) => ({ topic, partition, offset: BigInt(next) }));
      const stream = await client.consume({ topics: [topic], mode: 'manual', offsets, autocommit: false });
      const end = () => {
        isEnding = true;
        void stream.close().catch(() => {});
      };
      const onJoin = () => {
        if (assigned().join() !== read) end();
      };
      client.on('consumer:group:join', onJoin);
      signal.addEventListener('abort', end, { once: true });
      // Between the two something may have happened that nobody heard of.
      if (signal.aborted) end();
      onJoin();
      try {
        yield* messagesOf(stream, follow(positions), () => isEnding);
      } finally {
        client.off('consumer:group:join', onJoin);
        signal.removeEventListener('abort', end);
        await stream.close().catch(() => {});
      }
    },
    async close() {
      await client.close(true);
    },
  };
}

/**
 * Takes all that is there at once: a promise for each message would cost more than the message. Ends where messages may be missing:
 * reading goes on from the stored positions then.
 */
async function* messagesOf(
  stream: Stream,
  follow: Follow,
  isEnding: () => boolean,
): AsyncGenerator<TopicMessage[]> {
  for await (const first of stream) {
    // A stream that is being closed throws away what it has read ahead: what still comes has gaps before it.
    if (isEnding()) return;
    const messages: TopicMessage[] = [];
    for (let next: typeof first | null = first; next !== null; next = stream.read()) {
      const { partition, offset, timestamp, value } = next;
      const is = follow(partition, Number(offset));
      if (is === 'behind a gap') {
        if (messages.length > 0) yield messages;
        return;
      }
      if (is === 'next')
        messages.push({ partition, offset: Number(offset), timestamp: Number(timestamp), value });
    }
    if (messages.length > 0) yield messages;
  }
}

function optionsOf({ brokers, sessionMs, tls, sasl }: KafkaAccess, group: string) {
  return {
    groupId: group,
    clientId: 'stillhouse',
    bootstrapBrokers: [...brokers],
    autocommit: false,
    autocreateTopics: false,
    sessionTimeout: sessionMs,
    heartbeatInterval: sessionMs / HEARTBEATS,
    rebalanceTimeout: REBALANCE_MS,
    highWaterMark: AHEAD,
    maxBytes: MAX_FETCH_BYTES,
    maxWaitTime: MAX_WAIT_MS,
    ...(tls && { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
    ...(sasl && { sasl }),
  } satisfies ConsumerOptions<Buffer, Buffer, Buffer, Buffer>;
}
