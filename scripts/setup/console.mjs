// @ts-check
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const sourceFolder = join(projectRoot, 'src', 'console');
const consoleFolder = join(projectRoot, 'dist', 'console');

export const isConsoleBundled = () => existsSync(join(consoleFolder, 'index.html'));

/** Bundles the console for browsers: a page, and one script and one style sheet whose names tell their contents. */
export async function bundleConsole() {
  const unfinished = `${consoleFolder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const outputs = await bundle(unfinished);
  const page = await readFile(join(sourceFolder, 'index.html'), 'utf8');
  const named = (/** @type {string} */ ending) => {
    const file = outputs.map((path) => basename(path)).find((name) => name.endsWith(ending));
    if (!file) throw new SetupProblem(`esbuild made no ${ending} of src/console.`);
    return file;
  };
  await writeFile(
    join(unfinished, 'index.html'),
    page.replace('STYLE', named('.css')).replace('SCRIPT', named('.js')),
  );
  await rm(consoleFolder, { recursive: true, force: true });
  await rename(unfinished, consoleFolder);
}

/** @param {string} folder @returns {Promise<string[]>} paths of what was written */
async function bundle(folder) {
  // Loaded here: set-up itself may run before there are packages.
  const { build } = await import('esbuild');
  try {
    const { metafile } = await build({
      absWorkingDir: projectRoot,
      entryPoints: { console: join(sourceFolder, 'main.ts') },
      outdir: folder,
      entryNames: '[name]-[hash]',
      bundle: true,
      minify: true,
      format: 'esm',
      target: ['chrome111', 'firefox113', 'safari16.4'],
      charset: 'utf8',
      legalComments: 'none',
      metafile: true,
      logLevel: 'silent',
    });
    return Object.keys(metafile.outputs);
  } catch (error) {
    throw new SetupProblem(
      `src/console cannot be bundled:\n${error instanceof Error ? error.message : error}`,
    );
  }
}
