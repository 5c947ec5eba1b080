// @ts-check
// A Chromium for the tests of the console. Only they need one, so set-up leaves it alone.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, run } from './commands.mjs';
import { cacheFolder, packageFolder } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

/** @typedef {{ program: string, env: Record<string, string> }} Chromium `env` is added to the environment of the program */

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const unpackMs = 120_000;

/**
 * CHROMIUM_PATH, else one on PATH, else the one of the package @sparticuz/chromium, which is unpacked into the cache. That one brings
 * what Debian's and Ubuntu's slim images lack (NSS, NSPR, Expat) and needs of the system libc and libgcc alone.
 * @returns {Promise<Chromium>}
 * @throws SetupProblem that says what to install
 */
export async function provideChromium(env = process.env) {
  const wanted = env.CHROMIUM_PATH;
  if (wanted) {
    if (existsSync(wanted)) return { program: wanted, env: {} };
    throw new SetupProblem(`CHROMIUM_PATH is ${wanted}, and there is no such file.`);
  }
  for (const name of names) {
    const program = findProgram(name, env.PATH);
    if (program) return { program, env: {} };
  }
  return unpackChromium(env);
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Chromium>} */
async function unpackChromium(env) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupProblem(
      `There is no ${names.join(', ')} on PATH; install one, or name it in CHROMIUM_PATH.`,
    );
  }
  const home = packageFolder('@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const folder = join(cacheFolder(), `chromium-${version}`);
  await mkdir(folder, { recursive: true });
  const script = `import(${JSON.stringify(join(home, 'build/esm/index.js'))}).then(({ default: chromium }) => chromium.executablePath())`;
  // It unpacks into the folder for temporary files, and its libraries only where it believes to be on Lambda.
  await run(process.execPath, ['-e', script], {
    log: 'chromium-unpack',
    env: { ...env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' },
    timeoutMs: unpackMs,
  });
  return {
    program: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}
