// @ts-check
const DOCKER_HUB = 'https://registry-1.docker.io';
/** Lists of builds for several machines first: the digest of one build would fit one kind of machine alone. */
const KINDS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/**
 * Asks the registry of an image for its digest, by the distribution specification of OCI.
 * @param {string} image `name:version`, of Docker Hub unless a host stands before it
 * @param {string} [registry] @returns {Promise<string>} `sha256:...`
 */
export async function digestOf(image, registry) {
  const [name = '', version = ''] = image.split(':');
  const [first = ''] = name.split('/');
  const hasHost = first.includes('.');
  const base = registry ?? (hasHost ? `https://${first}` : DOCKER_HUB);
  const repository = hasHost ? name.slice(first.length + 1) : name.includes('/') ? name : `library/${name}`;
  const address = `${base}/v2/${repository}/manifests/${version}`;
  const headers = { accept: KINDS.join(', ') };
  let answer = await fetch(address, { method: 'HEAD', headers });
  if (answer.status === 401) {
    const token = await tokenFor(answer.headers.get('www-authenticate') ?? '');
    answer = await fetch(address, {
      method: 'HEAD',
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
  }
  const digest = answer.headers.get('docker-content-digest');
  if (!answer.ok || !digest) throw new Error(`${image}: the registry answered ${answer.status}`);
  return digest;
}

/** @param {string} challenge */
async function tokenFor(challenge) {
  const { realm = '', ...query } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const answer = await fetch(`${realm}?${new URLSearchParams(query)}`);
  return /** @type {{ token: string }} */ (await answer.json()).token;
}
