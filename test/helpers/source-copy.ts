import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { bundlePrograms } from '../../scripts/setup/bundle-programs.mjs';
import { temporaryFolder } from './store.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = path.join(root, 'node_modules/typescript-native/bin/tsc');
const COMPILED: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** A copy of src and dist that a test may change; removed when the test ends. */
export interface SourceCopy {
  write(file: string, text: string): Promise<void>;
  addLine(file: string, line: string): Promise<void>;
  /** Complaints of the compiler about these files and all that they import, `file: message`. @param only this one of them */
  errors(entries: readonly string[], only?: string): Promise<string[]>;
  /** Compiles what was written or changed into the copy's dist. */
  build(): Promise<void>;
  /** A file of the copy's dist. */
  built(file: string): URL;
}

export async function copySource(): Promise<SourceCopy> {
  const folder = await temporaryFolder();
  const inCopy = (file: string) => path.join(folder, file);
  await Promise.all([
    ...['src', 'dist', 'package.json', 'tsconfig.json'].map((name) =>
      cp(path.join(root, name), inCopy(name), { recursive: true }),
    ),
    symlink(path.join(root, 'node_modules'), inCopy('node_modules')),
  ]);
  const changed = new Set<string>();

  async function write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(inCopy(file)), { recursive: true });
    await writeFile(inCopy(file), text);
    changed.add(file);
  }

  return {
    write,
    addLine: async (file, line) => write(file, `${await readFile(inCopy(file), 'utf8')}${line}\n`),
    async errors(entries, only) {
      const settings = { extends: './tsconfig.json', include: [], files: entries };
      await writeFile(inCopy('tsconfig.entries.json'), JSON.stringify(settings));
      const { stdout } = spawnSync(
        process.execPath,
        [tsc, '-p', inCopy('tsconfig.entries.json'), '--pretty', 'false'],
        {
          cwd: folder,
          encoding: 'utf8',
        },
      );
      const complaints = [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error TS\d+: (.*)$/gm)];
      return complaints
        .filter(([, file]) => only === undefined || file === only)
        .map(([, file, message]) => `${file}: ${message}`);
    },
    async build() {
      for (const file of changed) {
        const { outputText } = ts.transpileModule(await readFile(inCopy(file), 'utf8'), {
          compilerOptions: COMPILED,
        });
        const out = inCopy(file.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
        await mkdir(path.dirname(out), { recursive: true });
        await writeFile(out, outputText);
      }
      await bundlePrograms(folder);
    },
    built: (file) => new URL(`file://${inCopy(path.join('dist', file))}`),
  };
}
