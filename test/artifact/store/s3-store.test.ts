import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findS3Server } from '../../../scripts/setup/s3.mjs';
import { createS3Store } from '../../../src/artifact/store/s3-store.ts';
import { artifactStoreSuite } from '../../contract/artifact-store-suite.ts';
import { NO_S3, startTestS3, type TestS3 } from '../../helpers/s3.ts';

if (!findS3Server()) test.skip(NO_S3);

describe.runIf(findS3Server())('S3', () => {
  let server: TestS3;
  beforeAll(async () => {
    server = await startTestS3();
  });
  afterAll(() => server?.close());

  async function open(endpoint = server.endpoint) {
    const { ARTIFACTS_URL: url } = await server.createBucket();
    return createS3Store({ url, endpoint, pathStyle: true });
  }

  artifactStoreSuite('a bucket', open);
});
