// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const CHUNKS = 'chunks';

/** Packages with native code, or with files beside their own that they read. */
const LEFT_OUTSIDE = [
  '@bull-board/*',
  '@duckdb/*',
  '@fastify/swagger',
  '@fastify/swagger-ui',
  '@platformatic/kafka',
  '@tensorflow/*',
  'better-sqlite3',
  'pg-native',
  'pino',
];

/** A bundle of ES modules has no `require` for what packages in CommonJS ask of Node. */
const BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

/**
 * Bundles the files that processes and threads start from, each with all that it imports, over the compiler's: a process that loads
 * some thousand small files takes two to five times as long to start. Parts that several share are in dist/chunks.
 */
export async function bundlePrograms(folder = projectRoot) {
  const sources = readSources(folder);
  await rm(join(folder, 'dist', CHUNKS), { recursive: true, force: true });
  // Loaded here: set-up itself may run before there are packages.
  const { build } = await import('esbuild');
  try {
    await build({
      absWorkingDir: folder,
      entryPoints: entriesOf(sources),
      outbase: 'src',
      outdir: 'dist',
      chunkNames: `${CHUNKS}/[name]-[hash]`,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: true,
      external: [...LEFT_OUTSIDE, ...loadedLate(sources)],
      banner: { js: BANNER },
      logLevel: 'silent',
    });
  } catch (error) {
    throw new SetupProblem(
      `The programs cannot be bundled:\n${error instanceof Error ? error.message : error}`,
    );
  }
}

/** @param {string} folder @returns {{ file: string, text: string }[]} relative to its src */
function readSources(folder) {
  const files = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, 'src', file), 'utf8') }));
}

/** Programs, and the files that the code names as the start of a thread. @param {ReturnType<typeof readSources>} sources */
function entriesOf(sources) {
  const programs = sources.map(({ file }) => file).filter((file) => /^bin[/\\][^/\\]+$/.test(file));
  const threads = sources
    .flatMap(({ text }) => [...text.matchAll(/builtFile\('([^']+)\.js'\)/g)])
    .map(([, name]) => `${name}.ts`);
  return [...new Set([...programs, ...threads])].map((file) => join('src', file));
}

/**
 * Packages that are loaded when they are first needed. Of one in CommonJS a bundle would give `import()` the default export alone.
 * @param {ReturnType<typeof readSources>} sources
 */
function loadedLate(sources) {
  return sources.flatMap(({ text }) =>
    [...text.matchAll(/\bimport\('([^.'][^']*)'\)/g)].map(([, name = '']) => name),
  );
}
