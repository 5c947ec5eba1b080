import type { Csr } from '../../../dataset/matrix.ts';
import { toSequences } from '../../../dataset/sequences.ts';
import type { Engine, Tensor } from '../../../tensor/engine.ts';
import { readAndDispose } from '../../../tensor/read.ts';
import type { ItemFactors } from '../../contract.ts';
import type { Frozen } from '../../stored/frozen.ts';
import { read, type SequenceReader } from './sequence-reader.ts';
import type { NextItemSettings } from './settings.ts';

/** Scores are asked of so many one-item histories at a time. */
const BATCH = 1024;

/** States at the end of each history, [rows, d]; that of an empty history is zeros. */
export function lastStates(
  engine: Engine,
  reader: SequenceReader,
  weights: Pick<Frozen, 'evaluate'>,
  { maxLength }: NextItemSettings,
  histories: Csr,
): Tensor {
  const { tf } = engine;
  const sequences = toSequences(histories, maxLength);
  const { rows, length, lengths } = sequences;
  return weights.evaluate((p) => {
    const states = read(engine, reader, p, sequences, (x) => x);
    const last = engine.gatherRows(
      states,
      Int32Array.from({ length: rows }, (_, r) => (r + 1) * length - 1),
    );
    const known = Float32Array.from(lengths, (n) => Number(n > 0));
    return tf.mul(last, tf.tensor2d(known, [rows, 1]));
  });
}

export function scoresOf(
  engine: Engine,
  reader: SequenceReader,
  weights: Pick<Frozen, 'evaluate'>,
  settings: NextItemSettings,
  histories: Csr,
): Tensor {
  const last = lastStates(engine, reader, weights, settings, histories);
  const scores = weights.evaluate((p) => engine.linearScores(last, p.items!));
  last.dispose();
  return scores;
}

/** As if a history's answer were the sum of its items' answers, each as a history of its own, up to an offset. */
export function linearised(
  engine: Engine,
  reader: SequenceReader,
  frozen: Frozen,
  settings: NextItemSettings,
): ItemFactors {
  const { dimensions: d } = settings;
  const output = frozen.read('items');
  const items = output.length / d;
  const input = new Float32Array(items * d);
  for (let from = 0; from < items; from += BATCH) {
    const rows = Math.min(BATCH, items - from);
    const single = {
      rows,
      columns: items,
      indptr: Int32Array.from({ length: rows + 1 }, (_, i) => i),
      indices: Int32Array.from({ length: rows }, (_, i) => from + i),
      values: new Float32Array(rows).fill(1),
    };
    input.set(readAndDispose(lastStates(engine, reader, frozen, settings, single)), from * d);
  }
  const mean = new Float64Array(d);
  for (let at = 0; at < input.length; at++) mean[at % d]! += input[at]! / items;
  for (let at = 0; at < input.length; at++) input[at]! -= mean[at % d]!;
  return { input, output, width: d };
}
