import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findS3Server } from '../../scripts/setup/s3.mjs';
import { eventually } from './eventually.ts';
import { findFreePort } from './service.ts';

export interface TestS3 {
  endpoint: string;
  /** Settings of an installation whose artifacts lie in an empty bucket, below a prefix. */
  createBucket(): Promise<{ ARTIFACTS_URL: string; ARTIFACTS_S3_ENDPOINT: string }>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Again, after a kill; nothing happens where it runs. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** For processes that a test starts; its own reads the same. */
export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'stillhouse-test',
  AWS_SECRET_ACCESS_KEY: 'a-secret-of-the-tests',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** kill -9 of the server as soon as the shell's input ends, which the system sees to when the test process dies. */
const WITH_PARENT = 'exec 3<&0; "$@" & server=$!; (cat <&3 > /dev/null; kill -9 $server) & wait $server';

/** Says that nothing was tested, in the title of a skipped test. */
export const NO_S3 = 'S3: NOT RUN, there is neither versitygw nor moto here';

/** True where a server is at hand that still has its objects after a kill -9. */
export const hasLastingS3 = () => findS3Server()?.kind === 'versitygw';

/** A real server of its own for a test file, on loopback. */
export async function startTestS3(): Promise<TestS3> {
  const found = findS3Server();
  if (!found) throw new Error(NO_S3);
  Object.assign(process.env, CREDENTIALS);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-s3-'));
  const data = path.join(folder, 'data');
  mkdirSync(data);
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true });
  const { kind, program } = found;
  const args =
    kind === 'moto'
      ? ['-H', '127.0.0.1', '-p', String(port)]
      : ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', data];
  let shell: ChildProcess | undefined;
  let buckets = 0;

  async function start() {
    if (shell) return;
    shell = spawn('sh', ['-c', WITH_PARENT, 'sh', program, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        ROOT_ACCESS_KEY: CREDENTIALS.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
      },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await eventually(`${kind} answers`, () => fetch(endpoint).catch(() => null));
  }

  async function kill() {
    if (!shell) return;
    const ended = once(shell, 'exit');
    shell.stdin?.end();
    await ended;
    shell = undefined;
  }

  await start();
  return {
    endpoint,
    async createBucket() {
      const Bucket = `test-${++buckets}`;
      await client.send(new CreateBucketCommand({ Bucket }));
      return { ARTIFACTS_URL: `s3://${Bucket}/an/installation`, ARTIFACTS_S3_ENDPOINT: endpoint };
    },
    kill,
    start,
    async close() {
      await kill();
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
