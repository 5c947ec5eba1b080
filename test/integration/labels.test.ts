import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { FILMS, filmId, isOld, kindOf, labelledFilms, takenRows } from '../helpers/labelled.ts';
import { startService } from '../helpers/service.ts';

it('labels are learnt and predicted over HTTP, of films without any and of one that is not stored', async () => {
  const service = await startService();
  onTestFinished(() => service.dispose());
  const rows = takenRows();
  const interactions = rows.map(({ user, item, timestamp }) => ({
    userId: user,
    itemId: item,
    type: 'view',
    timestamp,
  }));
  for (let from = 0; from < interactions.length; from += 1000)
    await service.send('POST', '/interactions', { interactions: interactions.slice(from, from + 1000) });
  const items = labelledFilms().map(({ itemId, title, categories, features }) => ({
    itemId,
    title,
    categories,
    features,
  }));
  await service.send('POST', '/items', { items });
  const { body } = await service.send('POST', '/jobs', {
    model: 'kinds',
    task: 'multi-label',
    labels: { of: 'items', from: 'categories' },
    teacher: { kind: 'multilabel', hidden: [64], epochs: 40, batchSize: 16, learningRate: 0.01 },
    student: { kind: 'fold-in', dimensions: 8 },
    distillation: { epochs: 30, batchSize: 16, learningRate: 0.02, seed: 3 },
    evaluation: { refit: false },
  });
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  const report = await service.send('GET', '/models/kinds/versions/1/report');
  expect(report.body).toMatchObject({ task: 'multi-label', labels: { of: 'items', from: 'categories' } });
  await eventually('version 1 is live', async () => {
    const { body: version } = await service.send('GET', '/models/kinds/versions/1');
    return version.serving?.state === 'live';
  });

  const unlabelled = Array.from({ length: 10 }, (_, i) => FILMS - 10 + i);
  const asked = await service.send('POST', '/labels', { items: unlabelled.map(filmId) });
  for (const [i, film] of unlabelled.entries()) {
    const { labels, source } = asked.body.results[i] as {
      labels: { label: string; predicted: boolean }[];
      source: string;
    };
    const said = labels.filter(({ predicted }) => predicted).map(({ label }) => label);
    expect(source).toBe('both');
    expect(said.sort(), filmId(film)).toEqual([kindOf(film), ...(isOld(film) ? ['Old'] : [])].sort());
  }
  // Known by who took it and when it was made.
  const takers = ['person 1', 'person 3', 'person 5'].map((userId) => ({ userId }));
  const fresh = await service.send('POST', '/labels', {
    entities: [1930, 1990].map((year) => ({
      title: 'Film number 500',
      features: { year },
      interactions: takers,
    })),
  });
  const [old, young] = fresh.body.results.map(
    ({ labels }: { labels: { label: string; probability: number }[] }) =>
      Object.fromEntries(labels.map(({ label, probability }) => [label, probability])),
  );
  for (const one of [old, young]) expect(one.Odd).toBeGreaterThan(one.Even);
  expect(old.Old).toBeGreaterThan(2 * young.Old);
  // It recommends nothing: popularity answers.
  const shown = await service.send('GET', '/recommend/nobody?k=3');
  expect(shown.body).toMatchObject({ source: 'popularity', model: null });
});
