import { describe, expect, it } from 'vitest';
import { packTeacher } from '../../../../src/artifact/teacher-files.ts';
import type { RegisteredVersion } from '../../../../src/domain/answers/model.ts';
import { LABEL_NETWORK, restoreNetwork } from '../../../../src/training/tasks/labels/network.ts';
import { loadStored, remapTeacher } from '../../../../src/training/tasks/labels/stored-teacher.ts';
import { labelFiles, sampleLabels } from '../../../artifact/sample-labels.ts';
import { testEngine } from '../../../helpers/engine.ts';
import { memoryArtifacts } from '../../run-job.ts';

/** Three items and two columns of features, one unit, the labels cold and warm. */
const STATE = {
  kind: LABEL_NETWORK,
  settings: { width: 1 },
  epochs: 3,
  tensors: {
    into: { shape: [5, 1], values: Float32Array.of(1, 2, 4, 8, 16) },
    bias: { shape: [1], values: Float32Array.of(0.5) },
    out: { shape: [2, 1], values: Float32Array.of(10, 100) },
    labelBias: { shape: [2], values: Float32Array.of(1, 2) },
  },
};
const previous = sampleLabels();
const settings = { kind: 'stored', model: 'climates', version: 1, part: 'teacher' } as const;
const noItems = { getItems: async () => [] };
const carry = (items: string[], labels: string[]) =>
  remapTeacher({ state: STATE, previous, settings }, { items, labels }, noItems);

function load(
  { state = STATE, stored = true }: { state?: typeof STATE; stored?: boolean } = {},
  labels: { of: 'items' | 'users'; from: string } = { of: 'items', from: 'categories' },
) {
  const artifact = 'models/climates/job-1';
  const files = [...labelFiles(), ...(stored ? packTeacher(state, 'multilabel 1') : [])];
  const artifacts = memoryArtifacts(files.map(([name, bytes]) => [`${artifact}/${name}`, bytes]));
  const version = { model: 'climates', version: 1, artifact, aliases: ['stable'] } as RegisteredVersion;
  const models = { names: async () => ['climates'], versions: async () => [version] };
  return loadStored({ kind: 'stored', model: 'climates' }, labels, { models, artifacts });
}

describe('a stored teacher of labels', () => {
  it('is read with what its version published', async () => {
    const stored = await load();
    expect(stored).toMatchObject({ settings, state: STATE, learned: null });
    expect(stored.previous.labels).toEqual(['cold', 'warm']);
  });

  it.each<[string, Parameters<typeof load>, string, RegExp]>([
    [
      'the labels of others',
      [{}, { of: 'users', from: 'features.climate' }],
      'invalid-job',
      /version 1 of climates predicts categories of items, and the job learns features.climate of users/,
    ],
    [
      'no teacher',
      [{ stored: false }],
      'invalid-job',
      /version 1 of climates was stored without its teacher/,
    ],
    [
      'a teacher of another kind',
      [{ state: { ...STATE, kind: 'softmax' as never } }],
      'invalid-artifact',
      /stored teacher of version 1 of climates cannot be used: kind must be/,
    ],
    [
      'settings without a width',
      [{ state: { ...STATE, settings: {} as never } }],
      'invalid-artifact',
      /settings must have required properties width/,
    ],
    [
      'a matrix of another width',
      [{ state: { ...STATE, settings: { width: 2 } } }],
      'invalid-artifact',
      /into is \[5,1\] where \[5,2\] is needed/,
    ],
    [
      'numbers that are none',
      [
        {
          state: {
            ...STATE,
            tensors: { ...STATE.tensors, bias: { shape: [1], values: Float32Array.of(Number.NaN) } },
          },
        },
      ],
      'invalid-artifact',
      /bias holds a number that is not finite/,
    ],
  ])('is refused with %s', async (_, [version, labels], code, detail) => {
    await expect(load(version, labels)).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail),
    });
  });

  it('finds items by their ids and labels by their names, and keeps its features', async () => {
    const state = await carry(['item-2', 'item-0'], ['warm']);
    const values = Object.fromEntries(
      Object.entries(state.tensors).map(([name, tensor]) => [name, [...tensor.values]]),
    );
    expect(values).toEqual({ into: [4, 1, 8, 16], bias: [0.5], out: [100], labelBias: [2] });
    const network = restoreNetwork(await testEngine(), state);
    // 0.5 + 4 (item-2) + 8 / 2 (a feature) = 8.5
    const row = {
      indptr: Int32Array.of(0, 2),
      indices: Int32Array.of(0, 2),
      values: Float32Array.of(1, 0.5),
    };
    expect([...network.answers({ rows: 1, columns: 4, ...row })]).toEqual([852]);
    network.dispose();
  });

  it('is refused where it knows none of the items, or not all of the labels', async () => {
    await expect(carry(['x', 'y'], ['warm'])).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(
        /none of the 2 items of the data is among the 3 of version 1 of climates/,
      ),
    });
    await expect(carry(['item-0'], ['mild', 'warm'])).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(
        /knows nothing of "mild"; name only labels that it knows in labels.names/,
      ),
    });
  });
});
