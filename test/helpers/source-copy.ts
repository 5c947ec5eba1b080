import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { temporaryFolder } from './store.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of src and dist that a test may change; removed when the test ends. */
export interface SourceCopy {
  write(file: string, text: string): Promise<void>;
  addLine(file: string, line: string): Promise<void>;
  /** Complaints of the compiler about these files and all that they import, `file: message`. @param only this one of them */
  errors(entries: readonly string[], only?: string): string[];
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
  const { options } = ts.parseJsonConfigFileContent(
    { compilerOptions: ts.readConfigFile(inCopy('tsconfig.json'), ts.sys.readFile).config.compilerOptions },
    ts.sys,
    folder,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  // Each file is read once, and again when it was changed.
  const parsed = new Map<string, ts.SourceFile | undefined>();
  host.getSourceFile = (file, ...how) => {
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...how));
    return parsed.get(file);
  };
  let program: ts.Program | undefined;
  let isCurrent = false;

  async function write(file: string, text: string): Promise<void> {
    await mkdir(path.dirname(inCopy(file)), { recursive: true });
    await writeFile(inCopy(file), text);
    changed.add(file);
    parsed.delete(inCopy(file));
    isCurrent = false;
  }

  return {
    write,
    addLine: async (file, line) => write(file, `${await readFile(inCopy(file), 'utf8')}${line}\n`),
    errors(entries, only) {
      // From the program before it takes over which files import which: resolving that again takes as long as checking.
      if (!program || !isCurrent) program = ts.createProgram(entries.map(inCopy), options, host, program);
      isCurrent = true;
      const checked = program;
      return ts
        .getPreEmitDiagnostics(checked, only === undefined ? undefined : checked.getSourceFile(inCopy(only)))
        .map(
          ({ file, messageText }) =>
            `${file ? path.relative(folder, file.fileName) : ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
        );
    },
    async build() {
      for (const file of changed) {
        const { outputText } = ts.transpileModule(await readFile(inCopy(file), 'utf8'), {
          compilerOptions: { ...options, module: ts.ModuleKind.ESNext },
        });
        const out = inCopy(file.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
        await mkdir(path.dirname(out), { recursive: true });
        await writeFile(out, outputText);
      }
    },
    built: (file) => new URL(`file://${inCopy(path.join('dist', file))}`),
  };
}
