import { problem } from '../../core/errors.ts';
import type { ImportQuery } from '../../domain/data/import.ts';
import { type FileShape, MAPPINGS, parseColumns } from '../../domain/data/import-mapping.ts';

export type Packing = '' | '.gz' | '.zst';

/** The named mapping, with what the query says over it. */
export function shapeOf(query: ImportQuery): FileShape {
  const { kind, name, format, type, mapping, columns, delimiter, header } = query;
  const named = mapping === undefined ? {} : MAPPINGS[mapping];
  if (kind !== 'interactions' && (type !== undefined || mapping !== undefined)) {
    const field = type !== undefined ? 'type' : 'mapping';
    throw problem('invalid-request', `${field} only belongs to kind=interactions; leave it out for ${kind}.`);
  }
  if (kind !== 'interactions' && query.timestamps !== undefined) {
    throw problem(
      'invalid-request',
      `timestamps only belongs to kind=interactions; leave it out for ${kind}.`,
    );
  }
  if (kind === 'teacher' && name === undefined) {
    throw problem('invalid-request', 'kind=teacher needs a name, as in name=night-model; jobs refer to it.');
  }
  if (kind !== 'teacher' && name !== undefined) {
    throw problem('invalid-request', `name only belongs to kind=teacher; leave it out for ${kind}.`);
  }
  const shape: FileShape = { ...named };
  if (columns !== undefined) {
    const parsed = parseColumns(columns);
    if (typeof parsed === 'string') throw problem('invalid-request', `${parsed}.`);
    shape.columns = parsed;
  }
  if (type !== undefined) shape.type = type;
  if (format === 'csv') {
    if (delimiter !== undefined) shape.delimiter = /^(tab|\\t)$/.test(delimiter) ? '\t' : delimiter;
    if (header !== undefined) shape.header = header;
    if (shape.delimiter !== undefined && /["\r\n]/.test(shape.delimiter)) {
      throw problem(
        'invalid-request',
        'delimiter must be a sign such as ; or tab, neither a quote nor a line end.',
      );
    }
    if (shape.header === false && shape.columns === undefined) {
      throw problem(
        'invalid-request',
        'header=false needs columns with numbers, as in columns=userId:1,itemId:2.',
      );
    }
  } else if (delimiter !== undefined || header !== undefined) {
    throw problem('invalid-request', 'delimiter and header belong to format=csv; leave them out.');
  } else {
    delete shape.delimiter;
    delete shape.header;
  }
  return shape;
}

/** The ending that says how the file is packed. */
export function packingOf(encoding: string | undefined): Packing {
  if (encoding === undefined || encoding === 'identity') return '';
  if (encoding === 'gzip' || encoding === 'x-gzip') return '.gz';
  if (encoding === 'zstd') return '.zst';
  throw problem(
    'unsupported-media-type',
    `Content-Encoding must be gzip, zstd or identity; got ${encoding}.`,
  );
}
