import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildApp } from '../http/app.ts';
import { inertDeps } from '../http/docs/inert-deps.ts';

const file = new URL('../../openapi/openapi.json', import.meta.url);

const app = buildApp(inertDeps());
await app.ready();
const text = `${JSON.stringify(app.swagger(), null, 2)}\n`;
await app.close();

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log(`Wrote ${fileURLToPath(file)}`);
} else if (text !== readFileSync(file, 'utf8')) {
  console.error(
    'openapi/openapi.json is not what the routes say; run "npm run openapi" and commit the result.',
  );
  process.exitCode = 1;
}
