import { expect, test } from 'vitest';
import { createArtifactStore } from '../../../src/artifact/store/create-store.ts';
import { readConfig } from '../../../src/core/config.ts';

const open = (env: Record<string, string>) => createArtifactStore(readConfig(env));

test.each([
  [
    { ARTIFACTS_URL: 'gs://bucket' },
    /^Settings are wrong: ARTIFACTS_URL must be file: .*s3:\/\/bucket\/prefix$/,
  ],
  [{ ARTIFACTS_URL: 's3://' }, /ARTIFACTS_URL must be/],
  [{ ARTIFACTS_URL: 's3://b' }, /^ARTIFACTS_URL must be s3:\/\/bucket\/prefix: a bucket of 3 to 63/],
  [{ ARTIFACTS_URL: 's3://my_bucket/x' }, /a bucket of 3 to 63 small letters/],
  [{ ARTIFACTS_URL: 's3://bucket/a//b' }, /ARTIFACTS_URL must be/],
  [{ ARTIFACTS_URL: 's3://bucket/../b' }, /ARTIFACTS_URL must be/],
  [{ ARTIFACTS_URL: 's3://bucket/a?region=x' }, /ARTIFACTS_URL must be/],
  [{ ARTIFACTS_S3_ENDPOINT: 'minio:9000' }, /ARTIFACTS_S3_ENDPOINT must be an address that begins with http/],
  [{ ARTIFACTS_S3_ENDPOINT: 'http://minio:9000' }, /^ARTIFACTS_S3_ENDPOINT and .* need ARTIFACTS_URL=s3:/],
  [{ ARTIFACTS_S3_REGION: 'eu-west-1' }, /need ARTIFACTS_URL=s3:/],
  [{ ARTIFACTS_S3_REGION: 'EU West' }, /ARTIFACTS_S3_REGION must be the name of a region/],
  [{ ARTIFACTS_S3_PATH_STYLE: 'yes' }, /ARTIFACTS_S3_PATH_STYLE/],
  [{ ARTIFACTS_CACHE_MIB: '-1' }, /ARTIFACTS_CACHE_MIB/],
])('%j is refused at the start in one sentence', (env, reason) => {
  expect(() => open(env as unknown as Record<string, string>)).toThrow(reason);
});

test.each(['s3://bucket', 's3://bucket/', 's3://my.bucket-1/a/b_c/D.1/'])('%s is fine', (url) => {
  expect(() => open({ ARTIFACTS_URL: url, ARTIFACTS_S3_REGION: 'eu-west-1' })).not.toThrow();
});
