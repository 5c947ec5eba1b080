// Sends what is due, until it is killed.
import { pino } from 'pino';
import { createSecrets } from '../../dist/core/secrets.js';
import { createWebhookAddresses } from '../../dist/core/webhook-address.js';
import { createStore } from '../../dist/store/create-store.js';
import { createDeliverer } from '../../dist/worker/webhooks/deliverer.js';

const { databaseUrl, redisUrl, url, leaseMs, secretsKey } = JSON.parse(process.argv[2]);
const store = await createStore(databaseUrl);
createDeliverer({
  redisUrl,
  webhooks: store.webhooks,
  addresses: createWebhookAddresses({ urls: [url], privateAddresses: ['127.0.0.1'] }),
  secrets: createSecrets(secretsKey),
  logger: pino({ level: 'silent' }),
  leaseMs,
  lockMs: 1000,
  lookMs: 20,
}).start();
process.send('started');
process.on('disconnect', () => process.exit(1));
