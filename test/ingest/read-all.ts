import type { FileRow } from '../../src/ingest/read-rows.ts';

/** The bytes in chunks of the given size, so that every boundary falls into the middle of something. */
export async function* inChunks(content: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All rows without their texts, and how the reading failed where it did. */
export async function readAll(
  batches: AsyncIterable<FileRow[]>,
): Promise<{ rows: Omit<FileRow, 'text'>[]; error?: unknown }> {
  const rows: Omit<FileRow, 'text'>[] = [];
  try {
    for await (const batch of batches) rows.push(...batch.map(({ text: _, ...row }) => row));
    return { rows };
  } catch (error) {
    return { rows, error };
  }
}
