import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * Headers of a delivery as Standard Webhooks (version 1) defines them, so that its libraries verify them.
 * @param secret `whsec_` and bytes in base64
 * @param timestamp seconds since 1970
 */
export function signedHeaders(
  secret: string,
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): Record<string, string> {
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
}
