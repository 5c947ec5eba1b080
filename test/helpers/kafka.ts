import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Admin, Producer } from '@platformatic/kafka';
import { findKafka } from '../../scripts/setup/kafka.mjs';
import { eventually } from './eventually.ts';
import { findFreePort } from './service.ts';

export interface TestKafka {
  broker: string;
  createTopic(topic: string, partitions: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  /** Sends texts to partitions in turn; null is a message without a value. */
  send(topic: string, partitions: number, texts: readonly (string | null)[]): Promise<void>;
  /** kill -9 of the broker; what it had acknowledged is there after `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Says that nothing was tested, in the title of a skipped test. */
export const NO_KAFKA = 'Kafka: NOT RUN, there is no broker here';

/** kill -9 as soon as the shell's input ends, which the system sees to when the test process dies. */
const WITH_PARENT = 'exec 3<&0; "$@" & server=$!; (cat <&3 > /dev/null; kill -9 $server) & wait $server';
/** A small one that starts fast. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** A JVM on a busy machine. */
const START_MS = 120_000;
const MESSAGES_PER_REQUEST = 1_000;

/** A broker of Apache Kafka for a test file, on loopback, with one node that is its own controller. */
export async function startTestKafka(): Promise<TestKafka> {
  const found = findKafka();
  if (!found) throw new Error(NO_KAFKA);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-kafka-'));
  const settings = path.join(folder, 'server.properties');
  const broker = `127.0.0.1:${await findFreePort()}`;
  writeFileSync(settings, settingsOf(folder, broker, `127.0.0.1:${await findFreePort()}`));
  const java = ['-cp', found.classPath];
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'c3RpbGxob3VzZS10ZXN0cw', '-c', settings];
  execFileSync(found.java, [...JVM, ...java, ...format], { stdio: 'pipe', cwd: folder });
  const client = { clientId: 'test', bootstrapBrokers: [broker], retries: 10, retryDelay: 100 };
  const admin = new Admin(client);
  // Else a request that is sent again on a busy machine stores its messages twice.
  const producer = new Producer({ ...client, idempotent: true });
  for (const each of [admin, producer]) each.on('error', () => {});
  let shell: ChildProcess | undefined;

  async function start() {
    if (shell) return;
    shell = spawn('sh', ['-c', WITH_PARENT, 'sh', found!.java, ...JVM, ...java, 'kafka.Kafka', settings], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await eventually(
      'the broker answers',
      async () => {
        const metadata = await admin.metadata({ topics: [], forceUpdate: true }).catch(() => null);
        return metadata !== null && metadata.brokers.size > 0;
      },
      START_MS,
    );
  }
  async function kill() {
    if (!shell) return;
    const ended = once(shell, 'exit');
    shell.stdin?.end();
    await ended;
    shell = undefined;
  }
  await start();
  return {
    broker,
    async createTopic(topic, partitions) {
      await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    },
    async deleteTopic(topic) {
      await admin.deleteTopics({ topics: [topic] });
    },
    async send(topic, partitions, texts) {
      for (let at = 0; at < texts.length; at += MESSAGES_PER_REQUEST) {
        const messages = texts.slice(at, at + MESSAGES_PER_REQUEST).map((text, i) => ({
          ...{ topic, partition: (at + i) % partitions },
          ...(text !== null && { value: Buffer.from(text) }),
        }));
        await producer.send({ messages, acks: -1 });
      }
    },
    kill,
    start,
    async close() {
      await Promise.all([producer.close(), admin.close()]).catch(() => {});
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settingsOf(folder: string, broker: string, controller: string): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': path.join(folder, 'logs'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
