import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { StudentWeights } from '../src/artifact/student/student-weights.ts';
import { columnSums, rowLength, selectRows, type Csr } from '../src/dataset/matrix.ts';
import { completeDistillation } from '../src/domain/jobs/complete-distillation.ts';
import { evaluate } from '../src/evaluation/evaluate.ts';
import { createStudentScorer } from '../src/scoring/student-scorer.ts';
import { createEngine } from '../src/tensor/engine.ts';
import { studentRanker, teacherRanker } from '../src/training/tasks/ranking/rankers.ts';
import { openRanking, prepareRanking, ranking } from '../src/training/tasks/ranking/task.ts';
import { csvSource } from './quality/csv-source.ts';
import { qualitySets, type Upload } from './quality/data-sets.ts';
import { runJob } from './lib/run-job.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { paces: { type: 'string', default: '0.3:0.5:0.3:0.5' }, films: { type: 'boolean', default: false }, job: { type: 'string', default: '{}' } },
});
const name = positionals[0] ?? 'ml-100k';
const set = qualitySets(process.env.DATA!)[name]!;

function addFilms([one]: readonly Upload[]): Upload[] {
  const lines = one!.csv.trimEnd().split('\n');
  const header = lines[0]!.split(',');
  const at = Object.fromEntries(header.map((n, i) => [n, i]));
  const users = [...new Set(lines.slice(1).map((l) => l.split(',')[at.userId!]!))].sort();
  const fans = users.filter((_, i) => i % 11 === 3).slice(0, 80);
  const newest = new Map<string, number>();
  for (const l of lines.slice(1)) { const c = l.split(','); newest.set(c[at.userId!]!, Math.max(newest.get(c[at.userId!]!) ?? 0, Number(c[at.timestamp!]))); }
  const more = fans.flatMap((user) => ['film-a', 'film-b', 'film-c'].map((item, i) => header.map((n) => n === 'userId' ? user : n === 'itemId' ? item : n === 'rating' ? '5' : String(newest.get(user)! + 1 + i)).join(',')));
  console.log('fans', fans.length);
  return [{ ...one!, csv: [...lines, ...more].join('\n') }];
}

const engine = await createEngine({ backend: 'auto' });
const all = csvSource(options.films ? addFilms(set.uploads(true)) : set.uploads(true));
const job = JSON.parse(options.job);
const dataset = options.films ? set.tuning.dataset : { split: name === 'ml-100k' ? { strategy: 'last-fraction', testFraction: 0.3, validationFraction: 0.1 } : { strategy: 'random', testFraction: 0.3, validationFraction: 0.1 } };
const spec = completeDistillation({ model: 'bench', dataset, evaluation: { refit: false }, ...job });
const { report } = await runJob({ spec, interactions: all, engine, timedAnswers: 16, onProgress() {},
  variant: { ...ranking, async open(run) {
    const prepared = await prepareRanking(run);
    // The newest part is taken off what the refit knows.
    const { split, data } = prepared;
    const whole = options.films ? data.dataset.matrix : undefined;
    const { historyFor, knownFor, splitPairs } = await import('../src/dataset/split/split.ts');
    const { exceptRows, unionRows, filterEntries } = await import('../src/dataset/matrix.ts');
    const newest = name === 'ml-100k' ? splitPairs(data.dataset, { ...set.tuning.dataset.split, strategy: 'last-fraction', testFraction: 0.1, validationFraction: 0.1 } as any, run.rng.fork('x')).test : filterEntries(split.test, (p) => p % 3 === 0);
    const test = options.films ? split.test : newest;
    const middle = unionRows(historyFor(split, 'test'), exceptRows(split.test, test));
    const known = whole ?? middle;
    const { retrainTeacher } = await import('../src/teacher/registry.ts');
    const { chosenOf } = await import('../src/training/teachers/teacher-setup.ts');
    const { startDistilled } = await import('../src/training/tasks/ranking/train-student.ts');
    const bare = (c: any): any => ({ settings: c.settings, members: c.members.map((m: any) => ({ ...m, chosen: bare(m.chosen) })) });
    // For quality: train = older half etc.: teacher learned split.train; refit with validation (middle); test on test
    const p = { ...prepared, data: { ...data, whole: () => ({ items: data.dataset.items, matrix: known, ...(data.features && { features: data.features }) }) } };
    const opened = openRanking(run, options.films ? p : { ...p, split: { ...split, validation: split.validation } });
    const metric = async (title: string, weights: StudentWeights, teacher?: any) => {
      const rankers = [studentRanker('student', createStudentScorer(weights)), ...(teacher ? [teacherRanker(teacher)] : [])];
      if (options.films) {
        const items = data.dataset.items; const films = ['film-a','film-b','film-c'].map((f) => items.indexOf(f));
        const strangers = Array.from({ length: known.rows }, (_, u) => u).filter((u) => rowLength(known, u) > 10 && !known.indices.subarray(known.indptr[u], known.indptr[u+1]).includes(films[0]!)).slice(0, 100);
        const fans = Array.from({ length: known.rows }, (_, u) => u).filter((u) => known.indices.subarray(known.indptr[u], known.indptr[u+1]).includes(films[0]!));
        const withFilm = (u: number) => { const own = [...known.indices.subarray(known.indptr[u], known.indptr[u+1])].filter((i) => !films.includes(i)); const idx = Int32Array.from([...own, films[0]!].sort((a, b) => a - b)); return { rows: 1, columns: known.columns, indptr: Int32Array.of(0, idx.length), indices: idx, values: new Float32Array(idx.length).fill(1) } as Csr; };
        for (const ranker of rankers) {
          const ranks = (us: number[]) => us.flatMap((u) => { const h = withFilm(u); const s = ranker.scores(h); for (const i of h.indices) s[i] = -Infinity; return films.slice(1).map((f) => s.filter((x) => x > s[f]!).length + 1); }).sort((a, b) => a - b);
          const q = (r: number[]) => [0.1, 0.5, 0.9].map((x) => r[Math.floor(x * r.length)]).join('/');
          console.log(title, ranker.name, 'others rank (10/50/90 %): fans with one film', q(ranks(fans.slice(0, 80))), ' strangers with one film', q(ranks(strangers)));
        }
        return;
      }
      const { outcomes } = await evaluate(rankers, { histories: known, known, heldOut: test, popularity: columnSums(split.train) }, { ks: [10, 20] });
      console.log(title, outcomes.map((o, i) => rankers[i]!.name + ' ' + ['ndcg@10', 'recall@20'].map((m) => { const v = o.metrics[m]!.filter((x) => Number.isFinite(x)); return (v.reduce((a, b) => a + b, 0) / v.length).toFixed(4); }).join(' ')).join('  '));
    };
    return { ...opened, controls: [], async assess({ teacher, student }: any, advance: any) {
      console.log(teacher.teacher.description, JSON.stringify(run.seconds));
      await metric('tested', student.weights, teacher.teacher);
      for (const pace of options.paces.split(',')) {
        [process.env.W_EPOCHS, process.env.W_RATE, process.env.S_EPOCHS, process.env.S_RATE] = pace.split(':');
        const fit = async () => ({ engine, rng: run.rng, signal: run.signal, onProgress() {} });
        const t0 = performance.now();
        const w = opened.whole({ teacher, student });
        const cold = pace.startsWith('cold');
        const learned = { train: known, ...(data.features && { features: data.features }), validation: undefined };
        const t: any = cold ? await (async () => { const tt = await retrainTeacher(bare(chosenOf(prepared.found, teacher.teacher)), { ...(await fit()), ...learned }, undefined as any); return { teacher: tt, dispose: () => tt.dispose() }; })() : await w.teach({ fit } as any);
        const t1 = performance.now();
        const s = cold ? await (await startDistilled(t.teacher, prepared.settings, { ...(await fit()), ...learned }, {}))(await fit()) : await (await w.transfer(t, await fit()))(await fit());
        const t2 = performance.now();
        await metric(`pace ${pace} ${((t1 - t0) / 1000).toFixed(1)} s + ${((t2 - t1) / 1000).toFixed(1)} s`, s.weights, t.teacher);
        s.dispose(); t.dispose();
      }
      throw new Error('done');
    } } as any;
  } },
}).catch((e) => { if (e.message !== 'done') throw e; return { report: null }; });
void report;  void dirname; void selectRows;
