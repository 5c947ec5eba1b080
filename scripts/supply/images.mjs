// @ts-check
const IMAGE = /^(\s*image: |FROM )([\w./-]+:[\w.-]+)(@sha256:[0-9a-f]{64})?/gm;

/** Images that a Dockerfile or compose file names, with their digests where they have some. @param {string} text */
export function imagesIn(text) {
  return [...text.matchAll(IMAGE)].map(([, , name, digest = '']) => `${name}${digest}`);
}

/** Writes these digests behind the versions of a text. @param {string} text @param {ReadonlyMap<string, string>} digests */
export function withDigests(text, digests) {
  return text.replace(IMAGE, (_all, before, name, digest = '') => {
    const known = digests.get(name);
    return `${before}${name}${known ? `@${known}` : digest}`;
  });
}
