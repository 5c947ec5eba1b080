import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// The rules of CONTRIBUTING.md that no linter knows.
const MOST_FILE_LINES = 250;
const MOST_FUNCTION_LINES = 80;
/** Whoever has a good reason writes it beside what is long. */
const EXCUSE = /Long because /;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name: path.join('src', name), text: readFileSync(path.join('src', name), 'utf8') }));

const folders = ['src', ...new Set(files.map(({ name }) => path.dirname(name)))].filter(
  (name) => name !== 'src',
);

describe('the house', () => {
  it(`has no file above ${MOST_FILE_LINES} lines but with a reason`, () => {
    const long = files.filter(({ text }) => lines(text) > MOST_FILE_LINES && !EXCUSE.test(text));
    expect(long.map(({ name, text }) => `${name}: ${lines(text)}`)).toEqual([]);
  });

  it(`has no function above ${MOST_FUNCTION_LINES} lines but with a reason`, () => {
    expect(files.flatMap(({ name, text }) => longFunctions(name, text))).toEqual([]);
  });

  it('has docstrings with a subject', () => {
    const riddle = /(?:\/\*\*|^\s*\*) (?:Of|What|Whether|The same|So many)\b.*/gm;
    const found = files.flatMap(({ name, text }) =>
      [...text.matchAll(riddle)].map(([line]) => `${name}: ${line}`),
    );
    expect(found).toEqual([]);
  });

  it('says in each folder what belongs there', () => {
    expect(folders.filter((folder) => !existsSync(path.join(folder, 'README.md')))).toEqual([]);
    const wordy = folders.filter((folder) => {
      const readme = path.join(folder, 'README.md');
      return existsSync(readme) && lines(readFileSync(readme, 'utf8')) > 12;
    });
    expect(wordy).toEqual([]);
  });
});

function lines(text: string): number {
  return text.trimEnd().split('\n').length;
}

function longFunctions(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const length = lineOf(source, node.end) - lineOf(source, node.getStart(source)) + 1;
      // A reason stands above the function or in it.
      if (length > MOST_FUNCTION_LINES && !EXCUSE.test(node.getFullText(source))) {
        found.push(`${name}:${lineOf(source, node.getStart(source)) + 1}: ${length}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line;
}
