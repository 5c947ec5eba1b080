import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Uses of an installation's secret key. Values of one key cannot be read, or compared, with another one. */
export interface Secrets {
  /** 16 hex digits that stand for a text: the same for the same text, and of no use without the key. */
  pseudonym(text: string): string;
  /**
   * Encrypts a text (AES-256-GCM); each time another result.
   * @param owner what it belongs to, such as the id of its row: sealed for one it cannot be read as another's
   */
  seal(text: string, owner?: string): string;
  /** @throws Error where it was sealed with another key or for another owner, or changed */
  unseal(sealed: string, owner?: string): string;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const PSEUDONYM_DIGITS = 16;

/** @param key of at least 32 characters or bytes; keys for each use are derived from it (HKDF, RFC 5869) */
export function createSecrets(key: string | Buffer): Secrets {
  const derived = (use: string) => Buffer.from(hkdfSync('sha256', key, '', `stillhouse ${use}`, KEY_BYTES));
  const names = derived('pseudonyms');
  const seals = derived('seals');
  return {
    pseudonym: (text) => createHmac('sha256', names).update(text).digest('hex').slice(0, PSEUDONYM_DIGITS),
    seal(text, owner = '') {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', seals, iv).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    unseal(sealed, owner = '') {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', seals, bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]).toString('utf8');
    },
  };
}

const SECRET_FILE = 'secret.key';

/** The key of the setting, or that of a file in the data folder, which is made once, for its owner's eyes alone. */
export function secretKeyOf(setting: string | undefined, dataDir: string): string {
  if (setting !== undefined) return setting;
  const file = path.join(dataDir, SECRET_FILE);
  if (!existsSync(file)) makeFile(file, dataDir);
  const key = readFileSync(file, 'utf8').trim();
  if (key.length >= KEY_BYTES) return key;
  throw new Error(
    `${file} holds no key of at least ${KEY_BYTES} characters; put the right one back, or set SECRETS_KEY`,
  );
}

/** The content appears together with the name; of two processes that start together one makes it. */
function makeFile(file: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const aside = `${file}.${process.pid}`;
  writeFileSync(aside, randomBytes(KEY_BYTES).toString('hex'), { mode: 0o600 });
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
