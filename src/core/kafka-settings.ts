import { Type } from 'typebox';

/** Settings of `stillhouse consume`, which reads a topic of Kafka. */
export const KAFKA_SETTINGS = {
  KAFKA_BROKERS: Type.String({
    default: '',
    description:
      'Addresses `host:port` of some brokers of Kafka, comma-separated, for `stillhouse consume`; `--brokers` says others.',
  }),
  KAFKA_TLS: Type.Enum(['true', 'false'], {
    default: 'false',
    description: '`true`: connections to Kafka are encrypted, and the brokers’ certificates are checked.',
  }),
  KAFKA_CA_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'File with the certificates (PEM) that brokers’ are checked against; those of the system if unset.',
    }),
  ),
  KAFKA_SASL: Type.Enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], {
    default: 'none',
    description:
      'How `stillhouse consume` proves to Kafka who it is. `plain` without `KAFKA_TLS` is refused.',
  }),
  KAFKA_SESSION_SECONDS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 300,
    description:
      'A consumer that Kafka has not heard of for so long has lost its partitions to others of its group. Brokers allow 6 to 1800 unless they are set otherwise.',
  }),
  KAFKA_USERNAME: Type.Optional(Type.String({ minLength: 1, description: 'Name for `KAFKA_SASL`.' })),
  KAFKA_PASSWORD: Type.Optional(Type.String({ minLength: 1, description: 'Password for `KAFKA_SASL`.' })),
};
