import { expect, it } from 'vitest';
import { isSealed, seal, unseal } from '../../src/core/sealed.ts';

const KEY = 'a key of thirty-two characters...';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

it('a sealed secret shows nothing and comes back under its key and for its owner alone', () => {
  const sealed = seal(SECRET, 'whk_1', KEY);
  expect(isSealed(sealed)).toBe(true);
  expect(sealed).not.toContain('MfKQ9');
  expect(sealed).not.toBe(seal(SECRET, 'whk_1', KEY));
  expect(unseal(sealed, 'whk_1', KEY)).toBe(SECRET);
  expect(() => unseal(sealed, 'whk_1', `${KEY}!`)).toThrow('another SECRETS_KEY');
  expect(() => unseal(sealed, 'whk_2', KEY)).toThrow('another SECRETS_KEY');
  expect(() => unseal(sealed, 'whk_1', undefined)).toThrow('SECRETS_KEY is not set here');
  const bytes = Buffer.from(sealed.slice(7), 'base64');
  bytes[bytes.length - 1]! ^= 1;
  expect(() => unseal(`sealed:${bytes.toString('base64')}`, 'whk_1', KEY)).toThrow('another SECRETS_KEY');
});

it('without a key a secret is kept as it is, and says so', () => {
  const kept = seal(SECRET, 'whk_1', undefined);
  expect(isSealed(kept)).toBe(false);
  expect(unseal(kept, 'whk_1', undefined)).toBe(SECRET);
  // A key that comes later seals what is written from then on.
  expect(unseal(kept, 'whk_1', KEY)).toBe(SECRET);
});
