import { beforeAll, describe, expect, it } from 'vitest';
import type { Teacher, TeacherState } from '../../../src/teacher/contract.ts';
import { restoreTeacher } from '../../../src/teacher/registry.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';

const vector = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) });
const popularity = { kind: 'popularity', settings: { kind: 'popularity' }, epochs: 1 };
const tensors = { logShares: vector(0, 1) };

describe('the settings of a stored teacher', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  const restoring = (state: Partial<TeacherState>) => (): Teacher =>
    restoreTeacher(engine, { ...popularity, tensors, ...state });

  it.each<[Partial<TeacherState>, RegExp]>([
    [{ kind: 'softmax', settings: { kind: 'softmax', hidden: 600 } }, /"softmax" .*settings\.hidden must be/],
    [{ kind: 'ease', settings: { kind: 'ease', lambda: [], form: 'primal' } }, /"ease" .*settings\.lambda/],
    [{ kind: 'ease', settings: { kind: 'ease', lambda: [1], form: 'both' } }, /"ease" .*settings\.form/],
    [{ kind: 'graph-filter', settings: { alpha: [0.3] } }, /"graph-filter" cannot be used/],
    [
      { kind: 'matrix-factorization', settings: { objective: 'svd' } },
      /"matrix-factorization" cannot be used/,
    ],
    [{ kind: 'external', settings: { kind: 'external' } }, /"external" .*name/],
    [{ kind: 'student', settings: { kind: 'student', tied: 1 } }, /"student" cannot be used/],
    [{ kind: 'remapped', settings: { kind: 'remapped' } }, /"remapped" .*inner/],
    [{ kind: 'ensemble', settings: { kind: 'ensemble', members: {} } }, /"ensemble" .*settings\.members/],
    [{ kind: 'oracle' }, /no teacher of the kind 'oracle'; there are: .*popularity/],
  ])('are refused as %j', (state, detail) => {
    expect(restoring(state)).toThrow(
      expect.objectContaining({ code: 'invalid-artifact', detail: expect.stringMatching(detail) }),
    );
  });

  it('may lack what earlier releases did not write', () => {
    const members = [popularity.settings, popularity.settings];
    const average = restoring({
      kind: 'average',
      settings: { kind: 'average', members },
      tensors: { 0: vector(1), '0.logShares': vector(0, 1), 1: vector(1), '1.logShares': vector(0, 1) },
    })();
    expect(average.members!.map(({ share }) => share)).toEqual([0.5, 0.5]);
    average.dispose();
    const { itemDropout, samples } = restoreSettings();
    expect([itemDropout, samples]).toEqual([undefined, undefined]);
  });

  function restoreSettings(): Record<string, unknown> {
    const settings = {
      kind: 'gru',
      ...{ dimensions: 2, hidden: 2, maxLength: 5, epochs: 1, batchSize: 4, learningRate: 0.1, dropout: 0 },
      weightDecay: 0,
    };
    const teacher = restoring({
      kind: 'gru',
      settings,
      tensors: { items: { shape: [2, 2], values: new Float32Array(4) } },
    })();
    teacher.dispose();
    return teacher.settings;
  }
});
