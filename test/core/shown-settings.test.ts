import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { Environment, readShownSettings } from '../../src/core/config.ts';
import { showSettings } from '../../src/core/shown-settings.ts';

const text = (name: string, settings = readShownSettings(ENV)) => settings.find((one) => one.name === name)!;
const ENV = {
  PORT: '3100',
  API_KEYS: `${'a1'.repeat(32)}:admin`,
  SECRETS_KEY: 'a secret of thirty-two characters or more',
  DATABASE_URL: 'postgres://stillhouse:hunter2@db:5432/stillhouse?sslpassword=hunter2',
  REDIS_URL: 'redis://:hunter2@redis:6379',
  IMPORT_URLS: 'https://a:hunter2@files.example/x,https://b:hunter2@files.example/y?token=hunter2',
  WEBHOOK_URLS: 'https://hooks.example/T?key=hunter2',
};

it('shows values, and which of them somebody has set', () => {
  expect(text('PORT')).toMatchObject({ value: '3100', isSet: true, isSecret: false });
  expect(text('HOST')).toMatchObject({ value: '127.0.0.1', isSet: false });
  expect(text('IMPORT_DIR')).toMatchObject({ value: null, isSet: false });
  expect(text('PORT').description).toBe('Port to listen on.');
});

it('shows no secret, wherever one may stand', () => {
  expect(text('API_KEYS')).toMatchObject({ value: null, isSet: true, isSecret: true });
  expect(text('SECRETS_KEY')).toMatchObject({ value: null, isSet: true, isSecret: true });
  expect(text('DATABASE_URL').value).toBe('postgres://db:5432/stillhouse');
  expect(text('REDIS_URL').value).toBe('redis://redis:6379');
  expect(text('IMPORT_URLS').value).toBe('https://files.example/x,https://files.example/y');
  const all = JSON.stringify(readShownSettings(ENV));
  expect(all).not.toContain('hunter2');
  expect(all).not.toContain('thirty-two');
  expect(all).not.toContain('a1a1');
});

it('takes passwords and tokens for what they are, with signs that divide elsewhere', () => {
  const schema = Type.Object({ DATABASE_URL: Type.String() });
  const shown = (url: string) => showSettings(schema, { DATABASE_URL: url })[0]!.value;
  expect(shown('postgres://u:p%40ss@db/x')).toBe('postgres://db/x');
  expect(shown('postgres://u:p@ss@db/x')).not.toContain('ss@');
  expect(shown('https://a:x,y@one.example/,https://two.example/?token=x,y,https://c')).toBe(
    'https://one.example/,https://two.example/,https://c',
  );
  expect(shown('sqlite:/data/a?b')).toBe('sqlite:/data/a?b');
});

it('shows no setting whose name says that it is a secret, nor one whose schema does', () => {
  const names = Object.keys(Environment.properties).filter((name) =>
    /(PASSWORD|HEADERS|KEYS?|SECRETS?|TOKENS?)$/.test(name),
  );
  expect(names).toEqual(
    expect.arrayContaining(['API_KEYS', 'SECRETS_KEY', 'KAFKA_PASSWORD', 'OTEL_EXPORTER_OTLP_HEADERS']),
  );
  const values = Object.fromEntries(names.map((name) => [name, 'hunter2']));
  for (const one of showSettings(Environment, values).filter(({ name }) => names.includes(name)))
    expect(one, one.name).toMatchObject({ value: null, isSet: true, isSecret: true });
  const marked = Type.Object({ PHRASE: Type.String({ 'x-secret': true }), SOME_TOKEN: Type.String() });
  expect(showSettings(marked, { PHRASE: 'hunter2', SOME_TOKEN: 'hunter2' })).toMatchObject([
    { value: null, isSecret: true },
    { value: null, isSecret: true },
  ]);
});

it.each([
  ['REDIS_URL', 'redis://:hunter2@redis:6379', 'redis://redis:6379'],
  ['REDIS_URL', 'rediss://u:hunter2@redis:6379/1', 'rediss://redis:6379/1'],
  ['REDIS_URL', 'redis+sentinel://:hunter2@a:1,b:2/main', 'redis+sentinel://a:1,b:2/main'],
  ['REDIS_URL', 'redis+cluster://u:hunter2@a:1,b:2', 'redis+cluster://a:1,b:2'],
  ['DATABASE_URL', 'postgresql://u:hunter2@db/x', 'postgresql://db/x'],
  ['ARTIFACTS_S3_ENDPOINT', 'http://u:hunter2@minio:9000', 'http://minio:9000'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'https://u:hunter2@collector:4318', 'https://collector:4318'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'https://c/v1/traces?key=hunter2', 'https://c/v1/traces'],
  ['CORS_ORIGINS', 'https://u:hunter2@a.example,https://b.example', 'https://a.example,https://b.example'],
])('%s=%s is shown as %s', (name, value, shown) => {
  expect(text(name, showSettings(Environment, { [name]: value })).value).toBe(shown);
});
