import type { IncomingHttpHeaders } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { messageOf, problem } from '../../core/errors.ts';

const FORM = /^multipart\/form-data\b/i;

/** The file of a form (`curl -F file=@ratings.csv`), or the body as it is. */
export async function fileOfBody(
  body: Readable | undefined,
  headers: IncomingHttpHeaders,
): Promise<Readable | undefined> {
  const type = headers['content-type'] ?? '';
  if (!body || !FORM.test(type)) return body;
  if (headers['content-encoding'] !== undefined) {
    throw problem('invalid-request', 'A form cannot be packed as a whole; pack the file in it.');
  }
  const { Busboy } = await import('@fastify/busboy');
  return new Promise((resolve, reject) => {
    // The stream ends with the form: only then is it known that no second file comes.
    const file = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
    // Whoever reads it hears of a failure, but may not do so yet.
    file.once('error', () => {});
    let files = 0;
    const fail = (detail: string, cause?: unknown) => {
      const failure = problem('invalid-request', detail, {}, cause);
      if (files === 0) reject(failure);
      else file.destroy(failure);
    };
    const unreadable = (error: unknown) => fail(`The form cannot be read (${messageOf(error)}).`, error);
    try {
      const form = new Busboy({ headers: { ...headers, 'content-type': type } });
      form.on('file', (_field, part) => {
        part.once('error', unreadable);
        if (files++ > 0) {
          part.resume();
          return fail('The form has several files; send one, or a zip with all of them.');
        }
        part.pipe(file, { end: false });
        resolve(file);
      });
      form.once('error', unreadable);
      form.once('finish', () => {
        if (files > 0) file.end();
        else fail('The form has no file; send it as in curl -F file=@ratings.csv.');
      });
      body.once('error', (error) => form.destroy(error));
      body.pipe(form);
    } catch (error) {
      unreadable(error);
    }
  });
}
