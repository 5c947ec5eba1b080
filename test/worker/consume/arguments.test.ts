import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/core/config.ts';
import { parseConsumeArguments } from '../../../src/worker/consume/arguments.ts';
import { kafkaAccess } from '../../../src/worker/consume/kafka-access.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const parse = (line: string) => parseConsumeArguments(line.split(' '));
const access = (env: Record<string, string>, brokers: string[] = ['a:1']) =>
  kafkaAccess(readConfig(env), brokers);
const NAMED = { KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'secret' };

describe('arguments', () => {
  it('have defaults', () => {
    expect(parse('--topic events')).toEqual({
      ...{ topic: 'events', group: 'stillhouse', from: 'earliest', brokers: [], reading: {} },
      ...{ rejects: undefined, reset: false },
    });
  });

  it('are read', () => {
    const line =
      '--topic=shop.events --brokers k1:9092,[::1]:9092 --group g --from latest --type click --columns userId:u,itemId:i';
    expect(parse(line)).toMatchObject({
      ...{ topic: 'shop.events', group: 'g', from: 'latest', brokers: ['k1:9092', '[::1]:9092'] },
      reading: { type: 'click', columns: 'userId:u,itemId:i' },
    });
  });

  it.each([
    ['--group g', /--topic must be the name of a topic.*got none/],
    ['--topic a/b', /--topic must be .*got a\/b/],
    ['--topic t --group a,b', /--group must be/],
    ['--topic t --from 17', /--from must be earliest or latest; got 17/],
    ['--topic t --brokers k1', /--brokers must be addresses such as kafka-1:9092.*got k1/],
    ['--topic t --brokers http://k1:9092', /--brokers must be/],
    ['--topic t --rejects 0', /--rejects must be a number/],
    ['--topic t --delimiter ;', /Unknown option '--delimiter'.*--help/],
    ['--topic t more', /Unexpected argument 'more'/],
  ])('that are wrong are named: %s', (line, why) => {
    expect(() => parse(line)).toThrow(why);
  });
});

describe('access to Kafka', () => {
  it('follows from the settings, and --brokers goes before', async () => {
    const ca = path.join(await temporaryFolder(), 'ca.pem');
    writeFileSync(ca, 'a certificate');
    const env = { ...NAMED, KAFKA_BROKERS: 'k1:9092, k2:9092', KAFKA_TLS: 'true', KAFKA_CA_FILE: ca };
    expect(access({ ...env, KAFKA_SASL: 'scram-sha-512' }, [])).toEqual({
      brokers: ['k1:9092', 'k2:9092'],
      sessionMs: 10_000,
      tls: { ca: 'a certificate' },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'me', password: 'secret' },
    });
    expect(access({ KAFKA_BROKERS: 'k1:9092' }, ['other:1'])).toEqual({
      brokers: ['other:1'],
      tls: null,
      sasl: null,
      sessionMs: 10_000,
    });
  });

  it.each([
    [{}, [], /set KAFKA_BROKERS, or say --brokers/],
    [{ KAFKA_BROKERS: 'k1' }, [], /KAFKA_BROKERS must be addresses/],
    [{ KAFKA_SASL: 'plain', ...NAMED }, ['a:1'], /sends the password as it is: set KAFKA_TLS=true/],
    [{ KAFKA_SASL: 'scram-sha-256' }, ['a:1'], /needs KAFKA_USERNAME and KAFKA_PASSWORD/],
    [NAMED, ['a:1'], /KAFKA_SASL is not/],
    [{ KAFKA_CA_FILE: '/ca.pem' }, ['a:1'], /KAFKA_TLS is not/],
    [{ KAFKA_TLS: 'true', KAFKA_CA_FILE: '/there/is/none.pem' }, ['a:1'], /KAFKA_CA_FILE cannot be read/],
  ])('is refused with what would be right: %o', (env, brokers, why) => {
    expect(() => access(env as Record<string, string>, brokers)).toThrow(why);
  });

  it('has settings that are checked', () => {
    expect(() => readConfig({ KAFKA_SASL: 'kerberos' })).toThrow(/KAFKA_SASL/);
  });
});
