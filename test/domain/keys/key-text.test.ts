import { expect, it } from 'vitest';
import { KEY_EXAMPLE, mintKey, partsOfKey, sha256 } from '../../../src/domain/keys/key-text.ts';

it('a key is its id and 256 random bits, of which the hash is kept', () => {
  const { id, text, hash } = mintKey();
  const parts = partsOfKey(text)!;
  expect(parts.id).toBe(id);
  expect(Buffer.from(parts.secret, 'base64url')).toHaveLength(32);
  expect(sha256(parts.secret).toString('hex')).toBe(hash);
  expect(mintKey(id)).toMatchObject({ id });
  expect(mintKey(id).hash).not.toBe(hash);
  expect(mintKey().id).not.toBe(id);
  expect(partsOfKey(KEY_EXAMPLE)).not.toBeNull();
});

it.each(['', 'secret', 'sh__', KEY_EXAMPLE.slice(0, -1), `${KEY_EXAMPLE}x`, KEY_EXAMPLE.toUpperCase()])(
  '%j is no key of that form',
  (text) => expect(partsOfKey(text)).toBeNull(),
);
