import { parseArgs } from 'node:util';
import { createRng } from '../src/core/rng.ts';
import { randomRequest } from '../test/http/fuzz-requests.ts';
import { ITEMS, startLiveService } from '../test/http/live-service.ts';

/**
 * Random questions, right and wrong, to the routes that recommend; every answer is held to its schema as well. Ends
 * with 1 after an answer of 500 or more.
 *   npm run bench:fuzz -- --questions 10000 --seed 7
 */
const { values: options } = parseArgs({
  options: {
    questions: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '7' },
  },
});
const service = await startLiveService();
const rng = createRng(Number(options.seed));
/** `GET /recommend 200` -> how often */
const counts = new Map<string, number>();
let failed = 0;
try {
  for (let i = 0; i < Number(options.questions); i++) {
    const { method, path, body } = randomRequest(rng, ITEMS);
    const { statusCode, payload } = await service.app.inject({
      method,
      url: path,
      ...(body && { payload: body }),
    });
    const what = `${method} /${path.split(/[/?]/)[1]} ${statusCode}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    if (statusCode < 500) continue;
    failed++;
    console.error(`question ${i}: ${method} ${path} ${JSON.stringify(body)}\n${statusCode} ${payload}`);
  }
} finally {
  await service.close();
}
for (const [what, count] of [...counts].sort()) console.log(`${what}: ${count}`);
console.log(`${options.questions} questions with seed ${options.seed}: ${failed} answers of 500 or more`);
process.exitCode = failed > 0 ? 1 : 0;
