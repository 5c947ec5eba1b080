import { problem } from '../core/errors.ts';
import type { CsvRecord, ReadOptions } from './read-rows.ts';

/** Takes the header off the records, or makes one. @throws problem('invalid-csv') when there is no record at all */
export async function* withHeader(
  batches: AsyncIterable<CsvRecord[]>,
  { header, names, section }: ReadOptions,
  onHeader: (names: readonly string[]) => void,
): AsyncGenerator<CsvRecord[]> {
  let isFirst = true;
  for await (const batch of section ? withSections(batches) : batches) {
    const [first] = batch;
    if (!isFirst || !first || 'reason' in first) yield batch;
    else {
      isFirst = false;
      const isData = names !== undefined || header === false;
      onHeader(names ?? (isData ? first.record.map((_, i) => String(i + 1)) : first.record));
      yield isData ? batch : batch.slice(1);
    }
  }
  if (isFirst) throw problem('invalid-csv', 'The file is empty; its first line must name the columns');
}

/** A line `12:` stands above the rows that belong to it; they get it as their last cell. */
async function* withSections(batches: AsyncIterable<CsvRecord[]>): AsyncGenerator<CsvRecord[]> {
  let section = '';
  for await (const batch of batches) {
    const records: CsvRecord[] = [];
    for (const each of batch) {
      if ('reason' in each) records.push(each);
      else if (each.record.length === 1 && each.record[0]!.endsWith(':'))
        section = each.record[0]!.slice(0, -1);
      else records.push({ ...each, record: [...each.record, section] });
    }
    yield records;
  }
}
