import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../src/worker/webhooks/sign.ts';
import { temporaryFolder } from '../helpers/store.ts';
import { readPage } from './pages.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = '{"type":"drift.found","data":{"name":"Ünïcode"}}';

type Verify = (secret: string, headers: Record<string, string>, body: string) => unknown | Promise<unknown>;

function code(language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readPage('docs/webhooks.md')) ?? [];
  if (!block) throw new Error(`docs/webhooks.md has no code in ${language}`);
  return block;
}

async function javascript(): Promise<Verify> {
  const file = path.join(await temporaryFolder(), 'verify.mjs');
  await writeFile(file, code('js'));
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)).verify;
}

async function python(): Promise<Verify> {
  const program = `${code('python')}
import sys
secret, headers, body = json.loads(sys.stdin.buffer.read())
print(json.dumps(verify(secret, headers, body.encode())))`;
  return (...input) => {
    const stdio = ['pipe', 'pipe', 'pipe'] as const;
    const options = { input: JSON.stringify(input), stdio: [...stdio] };
    return JSON.parse(execFileSync('python3', ['-c', program], options).toString());
  };
}

const sign = (secondsAgo = 0, body = BODY) => {
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
  return signedHeaders(SECRET, { id: 'msg_1', timestamp, body });
};
const other = `v1,${Buffer.alloc(32).toString('base64')}`;

describe.each([
  ['JavaScript', javascript],
  ['Python', python],
] as const)('the code for receivers in %s', (_language, load) => {
  it('takes what was signed and refuses the rest', async () => {
    const verify = await load();
    const attempt = async (headers: Record<string, string>, body = BODY, secret = SECRET) => {
      try {
        return await verify(secret, headers, body);
      } catch {
        return 'refused';
      }
    };
    const good = sign();
    expect(await attempt(good)).toEqual(JSON.parse(BODY));
    // Two signatures, as while a secret is being replaced.
    expect(await attempt({ ...good, 'webhook-signature': `${other} ${good['webhook-signature']}` })).toEqual(
      JSON.parse(BODY),
    );
    expect(await attempt({ ...good, 'webhook-signature': other })).toBe('refused');
    expect(await attempt({ ...good, 'webhook-signature': 'v1,' })).toBe('refused');
    expect(await attempt({ ...good, 'webhook-id': 'msg_2' })).toBe('refused');
    expect(await attempt(good, BODY.replace('drift', 'draft'))).toBe('refused');
    expect(await attempt(good, BODY, `${SECRET.slice(0, -2)}AA`)).toBe('refused');
    expect(await attempt(sign(400))).toBe('refused');
    expect(await attempt(sign(-400))).toBe('refused');
  });
});
