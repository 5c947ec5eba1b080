import { createHash, randomBytes } from 'node:crypto';

const MINTED = /^sh_([0-9a-f]{16})_([\w-]{43})$/;
const ID_BYTES = 8;
/** 256 bits: nobody guesses it, so that one plain hash protects it as well as a slow one would. */
const SECRET_BYTES = 32;

export const KEY_EXAMPLE = 'sh_5f1c0e9a7b3d2468_mZ0yq1x3v5T7r9PbNcLdKfJhGjSkAlWqEwRtYuIoOp8';

/** A key that this program made: `sh_<id>_<secret>`. */
export interface MintedKey {
  /** 16 hex digits; no secret. */
  id: string;
  /** The whole text, which its holder sends. */
  text: string;
  /** SHA-256 of the secret, as hex. */
  hash: string;
}

/** @param id of a key whose secret is replaced; a new one is drawn otherwise */
export function mintKey(id: string = randomBytes(ID_BYTES).toString('hex')): MintedKey {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, text: `sh_${id}_${secret}`, hash: sha256(secret).toString('hex') };
}

/** Id and secret of a key in the form of `mintKey`; null for any other text. */
export function partsOfKey(text: string): { id: string; secret: string } | null {
  const [, id, secret] = MINTED.exec(text) ?? [];
  return id !== undefined && secret !== undefined ? { id, secret } : null;
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
