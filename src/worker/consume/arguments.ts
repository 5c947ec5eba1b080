import { parseArgs } from 'node:util';

export interface ConsumeArguments {
  topic: string;
  group: string;
  /** `host:port` of brokers; empty where the settings say it. */
  brokers: string[];
  from: 'earliest' | 'latest';
  /** How values are read: options of POST /imports by their names. */
  reading: Record<string, string>;
  /** Print so many messages that could not be stored, and end. */
  rejects: number | undefined;
  /** Forget the positions of the group, and end. */
  reset: boolean;
}

/** Options of imports that say something of a message. */
const READING = [
  ...['type', 'preset', 'columns', 'timestampFormat', 'timezone', 'values', 'types', 'nulls', 'trim'],
  ...['decimal', 'listSeparator'],
] as const;

export const CONSUME_USAGE = `stillhouse consume --topic TOPIC [--brokers HOST:PORT,...] [--group GROUP] [--from earliest|latest] [OPTIONS].
Reads interactions from a topic of Kafka until it is stopped; each message is stored once. Values are JSON.
  --brokers   some brokers; KAFKA_BROKERS if left out. KAFKA_TLS, KAFKA_SASL and others: docs/settings.md
  --group     consumers of one group share the partitions; default stillhouse
  --from      where a partition begins that the group has never read; default earliest
  ${READING.map((name) => `--${name}`).join(' ')}
              as in POST /imports: how a message becomes a row
  --rejects N prints the newest N messages that could not be stored, as JSON lines, and ends
  --reset     forgets how far the group has read, and ends`;

/** @throws Error with one sentence that names the argument and says what would be right */
export function parseConsumeArguments(args: readonly string[]): ConsumeArguments {
  const text = { type: 'string' } as const;
  const names = ['topic', 'group', 'brokers', 'from', 'rejects', ...READING];
  const options = Object.fromEntries(names.map((name) => [name, text]));
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { ...options, reset: { type: 'boolean' } },
      strict: true,
    }));
  } catch (error) {
    const [reason] = (error as Error).message.split('. ');
    throw new Error(`${reason}. stillhouse consume --help lists the options.`);
  }
  const said = values as Record<string, string | undefined> & { reset?: boolean };
  const { topic, group = 'stillhouse', from = 'earliest', rejects } = said;
  if (topic === undefined || !NAME.test(topic))
    throw new Error(`--topic must be the name of a topic: ${NAME_RULE}; got ${topic ?? 'none'}.`);
  if (!NAME.test(group)) throw new Error(`--group must be ${NAME_RULE}; got ${group}.`);
  if (from !== 'earliest' && from !== 'latest')
    throw new Error(`--from must be earliest or latest; got ${from}.`);
  if (rejects !== undefined && !/^[1-9]\d{0,5}$/.test(rejects))
    throw new Error(`--rejects must be a number from 1 to 999999; got ${rejects}.`);
  return {
    ...{ topic, group, from, brokers: brokersOf('--brokers', said.brokers ?? '') },
    reading: Object.fromEntries(
      READING.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])),
    ),
    rejects: rejects === undefined ? undefined : Number(rejects),
    reset: said.reset === true,
  };
}

const NAME = /^[A-Za-z0-9._-]{1,249}$/;
const NAME_RULE = '1-249 letters, digits, dots, underscores and hyphens';

/** @throws Error that names where the addresses stand */
export function brokersOf(name: string, text: string): string[] {
  const brokers = text
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
  const bad = brokers.find((broker) => !/^[^\s:/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(broker));
  if (bad !== undefined)
    throw new Error(`${name} must be addresses such as kafka-1:9092,kafka-2:9092; got ${bad}.`);
  return brokers;
}
