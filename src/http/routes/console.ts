import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Type } from 'typebox';
import { builtFile } from '../../core/built-file.ts';
import { problem } from '../../core/errors.ts';
import type { App } from '../app-type.ts';

const PAGE = 'index.html';
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const FileParams = Type.Object({ file: Type.String() });

/**
 * The console, a page for people. It needs no key: what it shows it asks of the API, with the key that somebody gives it there.
 * Addresses are relative, so that a proxy may put a prefix before them.
 */
export function consoleRoutes() {
  const files = new Map<string, Promise<Buffer>>();

  /** Held in memory, some 100 KB; only files that set-up made have such names. */
  function contentOf(name: string): Promise<Buffer> {
    let reading = files.get(name);
    if (!reading) {
      reading = readFile(path.join(path.dirname(builtFile(`console/${PAGE}`)), name));
      files.set(name, reading);
      reading.catch(() => files.delete(name));
    }
    return reading;
  }

  return async (app: App): Promise<void> => {
    const open = {
      config: { scope: 'public', storeless: true, quiet: true },
      schema: { hide: true },
    } as const;
    app.get('/', open, async (_request, reply) => reply.redirect('./console/'));
    app.get('/console', open, async (_request, reply) => reply.redirect('./console/'));
    app.get(
      '/console/',
      { ...open, config: { ...open.config, etag: true }, schema: { hide: true, response: { 200: {} } } },
      async (_request, reply) =>
        reply
          .type(TYPES['.html']!)
          .header('cache-control', 'no-cache')
          .send(await contentOf(PAGE)),
    );
    app.get(
      '/console/:file',
      { ...open, schema: { hide: true, params: FileParams } },
      async (request, reply) => {
        const { file } = request.params;
        // The name tells the contents: what was loaded once is never asked for again.
        if (!/^console-[A-Z0-9]+\.(js|css)$/.test(file)) throw notThere(file);
        const content = await contentOf(file).catch(() => {
          throw notThere(file);
        });
        return reply
          .type(TYPES[path.extname(file)]!)
          .header('cache-control', 'public, max-age=31536000, immutable')
          .send(content);
      },
    );
  };
}

/** A page that was loaded before an upgrade may name files of the release before. */
function notThere(file: string) {
  return problem('not-found', `The console has no file ${JSON.stringify(file)}; load /console/ again.`);
}
