import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const SEALED = 'sealed:';
const PLAIN = 'plain:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a secret for the database by AES-256-GCM, bound to the row that it belongs to.
 * @param key the setting SECRETS_KEY; without one the text is kept as it is
 */
export function seal(secret: string, owner: string, key: string | undefined): string {
  if (key === undefined) return PLAIN + secret;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyBytes(key), nonce).setAAD(Buffer.from(owner));
  const hidden = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return SEALED + Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64');
}

/** @throws Error that says what is wrong with the key, and never what the secret is */
export function unseal(text: string, owner: string, key: string | undefined): string {
  if (!isSealed(text)) return text.slice(PLAIN.length);
  if (key === undefined) throw new Error('The secret is encrypted, and SECRETS_KEY is not set here.');
  const bytes = Buffer.from(text.slice(SEALED.length), 'base64');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const cipher = createDecipheriv(CIPHER, keyBytes(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
  try {
    const hidden = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([cipher.update(hidden), cipher.final()]).toString('utf8');
  } catch {
    throw new Error('The secret was encrypted under another SECRETS_KEY; give the webhook a new secret.');
  }
}

export const isSealed = (text: string) => text.startsWith(SEALED);

function keyBytes(key: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'stillhouse secrets', 32));
}
