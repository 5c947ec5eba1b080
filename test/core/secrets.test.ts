import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createSecrets, secretKeyOf } from '../../src/core/secrets.ts';
import { temporaryFolder } from '../helpers/store.ts';

const KEY = 'a'.repeat(32);

it('what is sealed comes back with the same key alone, and no change goes unseen', () => {
  const secrets = createSecrets(KEY);
  const sealed = secrets.seal('?sig=s3cret&ü');
  expect(sealed).not.toContain('s3cret');
  expect(secrets.seal('?sig=s3cret&ü')).not.toBe(sealed);
  expect(createSecrets(KEY).unseal(sealed)).toBe('?sig=s3cret&ü');
  expect(() => createSecrets('b'.repeat(32)).unseal(sealed)).toThrow();
  const bytes = Buffer.from(sealed, 'base64url');
  bytes[bytes.length - 1]! ^= 1;
  expect(() => secrets.unseal(bytes.toString('base64url'))).toThrow();
});

it('pseudonyms are the same for the same text and key, and others otherwise', () => {
  const { pseudonym } = createSecrets(KEY);
  expect(pseudonym('ada')).toMatch(/^[0-9a-f]{16}$/);
  expect(createSecrets(KEY).pseudonym('ada')).toBe(pseudonym('ada'));
  expect(pseudonym('bob')).not.toBe(pseudonym('ada'));
  expect(createSecrets('b'.repeat(32)).pseudonym('ada')).not.toBe(pseudonym('ada'));
});

it('the key is that of the setting, or of a file that its owner alone may read', async () => {
  const folder = await temporaryFolder();
  const dataDir = path.join(folder, 'data');
  expect(secretKeyOf(KEY, dataDir)).toBe(KEY);
  const made = secretKeyOf(undefined, dataDir);
  const file = path.join(dataDir, 'secret.key');
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  expect(await readFile(file, 'utf8')).toBe(made);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(secretKeyOf(undefined, dataDir)).toBe(made);
  await writeFile(file, 'short');
  expect(() => secretKeyOf(undefined, dataDir)).toThrow(/secret\.key holds no key.*SECRETS_KEY/);
});
