import { readFileSync } from 'node:fs';
import type { Config } from '../../core/config.ts';
import { messageOf } from '../../core/errors.ts';
import { brokersOf } from './arguments.ts';
import type { KafkaAccess } from './topic-reader.ts';

type KafkaConfig = Pick<
  Config,
  | 'kafkaBrokers'
  | 'kafkaSessionSeconds'
  | 'kafkaTls'
  | 'kafkaCaFile'
  | 'kafkaSasl'
  | 'kafkaUsername'
  | 'kafkaPassword'
>;

/**
 * @param brokers of the command line; empty where the settings say it
 * @throws Error that names the setting and says what would be right
 */
export function kafkaAccess(config: KafkaConfig, brokers: readonly string[]): KafkaAccess {
  const all = brokers.length > 0 ? brokers : brokersOf('KAFKA_BROKERS', config.kafkaBrokers);
  if (all.length === 0)
    throw new Error('No broker of Kafka is named: set KAFKA_BROKERS, or say --brokers kafka-1:9092.');
  const isEncrypted = config.kafkaTls === 'true';
  if (config.kafkaCaFile !== undefined && !isEncrypted)
    throw new Error('KAFKA_CA_FILE is set and KAFKA_TLS is not: set KAFKA_TLS=true, or leave the file out.');
  const sasl = saslOf(config);
  if (sasl?.mechanism === 'PLAIN' && !isEncrypted)
    throw new Error(
      'KAFKA_SASL=plain sends the password as it is: set KAFKA_TLS=true, or use scram-sha-512.',
    );
  const sessionMs = config.kafkaSessionSeconds * 1000;
  return {
    brokers: all,
    sessionMs,
    tls: isEncrypted ? { ca: certificates(config.kafkaCaFile) } : null,
    sasl,
  };
}

function saslOf({ kafkaSasl, kafkaUsername, kafkaPassword }: KafkaConfig): KafkaAccess['sasl'] {
  if (kafkaSasl === 'none') {
    if (kafkaUsername === undefined && kafkaPassword === undefined) return null;
    throw new Error('KAFKA_USERNAME or KAFKA_PASSWORD is set and KAFKA_SASL is not: say how they are used.');
  }
  if (kafkaUsername === undefined || kafkaPassword === undefined)
    throw new Error(`KAFKA_SASL=${kafkaSasl} needs KAFKA_USERNAME and KAFKA_PASSWORD.`);
  const mechanism = kafkaSasl.toUpperCase() as NonNullable<KafkaAccess['sasl']>['mechanism'];
  return { mechanism, username: kafkaUsername, password: kafkaPassword };
}

function certificates(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`KAFKA_CA_FILE cannot be read: ${messageOf(error)}`);
  }
}
