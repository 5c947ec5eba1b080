import { interactionWeight, type Weighting } from '../domain/weighting.ts';
import type { InteractionSource } from './source.ts';

/** Everything that counts, in columns; 20 bytes a row, so that ten million rows stay small. */
export interface WeighedColumns {
  length: number;
  /** Rows that were left out because they weigh nothing. */
  dropped: number;
  userKey: Int32Array;
  itemKey: Int32Array;
  weight: Float32Array;
  timestamp: Float64Array;
  /** The newest timestamp, from which ages are counted; 0 when nothing has a time. */
  newest: number;
}

/** Reads the source once and weighs each row. Ageing comes last, when the newest time is known. */
export async function readColumns(source: InteractionSource, weighting: Weighting): Promise<WeighedColumns> {
  const types = await source.dictionary('types');
  const ageless: Weighting = { ...weighting, halfLifeDays: null };
  let capacity = 1 << 16;
  let userKey = new Int32Array(capacity);
  let itemKey = new Int32Array(capacity);
  let weight = new Float32Array(capacity);
  let timestamp = new Float64Array(capacity);
  let length = 0;
  let dropped = 0;
  let newest = 0;

  for await (const chunk of source.scan()) {
    if (length + chunk.length > capacity) {
      capacity = Math.max(capacity * 2, length + chunk.length);
      userKey = grown(userKey, new Int32Array(capacity));
      itemKey = grown(itemKey, new Int32Array(capacity));
      weight = grown(weight, new Float32Array(capacity));
      timestamp = grown(timestamp, new Float64Array(capacity));
    }
    for (let i = 0; i < chunk.length; i++) {
      const time = chunk.timestamp[i]!;
      const value = chunk.value[i]!;
      const type = types.get(chunk.typeKey[i]!) ?? '';
      const w = interactionWeight(ageless, type, Number.isNaN(value) ? null : value, null, 0);
      if (w <= 0) {
        dropped++;
        continue;
      }
      userKey[length] = chunk.userKey[i]!;
      itemKey[length] = chunk.itemKey[i]!;
      weight[length] = w;
      timestamp[length++] = time;
      if (time > newest) newest = time;
    }
  }
  const halfLife = weighting.halfLifeDays;
  if (halfLife !== null) age(weight, timestamp, length, newest, halfLife);
  return { length, dropped, userKey, itemKey, weight, timestamp, newest };
}

function age(
  weight: Float32Array,
  timestamp: Float64Array,
  length: number,
  newest: number,
  halfLifeDays: number,
) {
  const rule: Weighting = { types: {}, otherTypes: 1, halfLifeDays };
  for (let i = 0; i < length; i++) {
    const time = timestamp[i]!;
    weight[i]! *= interactionWeight(rule, '', null, Number.isNaN(time) ? null : time, newest);
  }
}

function grown<T extends Int32Array | Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
