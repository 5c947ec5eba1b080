import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { problem } from '../../src/core/errors.ts';
import { createLogger } from '../../src/core/logger.ts';
import { CODE_VERSION } from '../../src/core/version.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { JobProgress } from '../../src/domain/jobs/job.ts';
import { Report } from '../../src/domain/reports/report.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import type { ControlStage, Stage } from '../../src/training/run/progress.ts';
import type { RunOptions } from '../../src/training/run/run-options.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { tensorBackend, testEngine } from '../helpers/engine.ts';
import { memoryArtifacts } from '../training/run-job.ts';

type Artifacts = ReturnType<typeof memoryArtifacts>;

export interface TaskUnderTest {
  name: string;
  /** A job of a second: seven epochs in every loop, of which a refit has three or more, a teacher that is trained in epochs. */
  spec: DistillationSpec;
  store(): RunOptions['store'];
  control: ControlStage;
  /** Stages whose loops keep checkpoints, in their order. */
  resumed: readonly Stage[];
  /** Another student of the same teacher. */
  otherStudent: NonNullable<DistillationSpec['student']>;
  /** A job with something that should not go unnoticed, which is known before a stage begins. */
  warned: {
    spec: Partial<DistillationSpec>;
    store?(): RunOptions['store'];
    message: RegExp;
    before: Stage;
  };
  /** Data with items that only occur in the test part, for tasks that recommend items. */
  newest?: {
    store(): RunOptions['store'];
    spec?: Partial<DistillationSpec>;
    /** A history of some of them, and what somebody with it should get first. */
    history: readonly string[];
    expected: string;
  };
  /** One figure of the report's about the student, and the same one measured on the published artifact. */
  measure(published: {
    artifacts: Artifacts;
    artifact: string;
    spec: DistillationSpec;
    report: Report;
  }): Promise<{ reported: number; measured: number }>;
}

interface Options {
  spec?: DistillationSpec;
  store?: RunOptions['store'];
  /** For checkpoints and trained teachers. */
  folder: string;
  engine?: Engine;
  artifacts?: Artifacts;
  /** Ends the run, as a shutdown would, when it says so. */
  stopAt?(progress: JobProgress): boolean;
  onEvent?(event: { warning: string } | { stage: string }): void;
}

/** Holds a task to the promises of every task, on data so small that a job takes a second. */
export function describeTask(subject: TaskUnderTest): void {
  const { model } = subject.spec;
  const withRefit = (refit: boolean): DistillationSpec => ({
    ...subject.spec,
    evaluation: { ...subject.spec.evaluation, refit },
    publish: { ...subject.spec.publish, teacher: true },
  });
  const stages = (refit: boolean): Stage[] => [
    ...(['data', 'teacher', 'transfer', 'distillation', subject.control, 'evaluation'] as const),
    ...(refit ? (['refit-teacher', 'refit'] as const) : []),
    'publishing',
  ];

  let engine: Engine;

  function optionsOf(
    options: Options & { artifacts: Artifacts },
    seen: JobProgress[],
    warned: string[],
  ): RunOptions {
    const { spec = withRefit(false), store = subject.store(), folder, artifacts } = options;
    const logger = createLogger('test', 'silent');
    const stopping = new AbortController();
    return {
      task: { jobId: 'job-1', spec: completeDistillation(spec), tensorBackend },
      store,
      artifacts,
      stages: createStages({
        folder,
        jobKey: 'job-1',
        checkpointSeconds: 0,
        asideFromMiB: 0,
        mostCacheMiB: 64,
        logger,
      }),
      signal: stopping.signal,
      onProgress(progress) {
        seen.push(progress);
        options.onEvent?.({ stage: progress.stage });
        if (options.stopAt?.(progress)) stopping.abort();
      },
      onWarning(warning) {
        warned.push(warning);
        options.onEvent?.({ warning });
      },
      logger,
      engine: options.engine ?? engine,
      timedAnswers: 16,
    };
  }

  /** One run of the pipeline; what was trained is known by the epochs that it reported. */
  async function run(options: Options) {
    const seen: JobProgress[] = [];
    const warned: string[] = [];
    const { artifacts = memoryArtifacts(), spec = withRefit(false) } = options;
    const result = await runDistillation(optionsOf({ ...options, artifacts }, seen, warned)).then(
      (done) => ({ ...done, error: null }),
      (error) => ({ version: undefined, warnings: undefined, error }),
    );
    const file = (name: string) => artifacts.files.get(`models/${spec.model}/job-1/${name}`);
    const epochs = (stage: Stage) => seen.flatMap((p) => (p.stage === stage && p.epoch ? [p.epoch] : []));
    const report: Report | undefined = result.version && JSON.parse(file('report.json')!.toString());
    return {
      ...result,
      artifacts,
      progress: seen,
      warned,
      file,
      epochs,
      report,
      weights: file('weights.safetensors'),
    };
  }

  async function finished(options: Options) {
    const job = await run(options);
    if (job.error) throw job.error;
    return { ...job, version: job.version!, report: job.report!, weights: job.weights! };
  }
  type Finished = Awaited<ReturnType<typeof finished>>;

  const folders: string[] = [];
  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-task-'));
    folders.push(folder);
    return folder;
  }
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  describe(`the task ${subject.name}`, () => {
    let tested: Finished;
    let refitted: Finished;
    /** Keeps the teacher of `tested`: jobs that do not look at its training go on from there. */
    let taught: string;
    beforeAll(async () => {
      engine = await testEngine();
      taught = await newFolder();
      tested = await finished({ folder: taught });
      refitted = await finished({ spec: withRefit(true), folder: await newFolder() });
    });

    it('goes through all stages in their order, from 0 to 1', () => {
      for (const [job, refit] of [
        [tested, false],
        [refitted, true],
      ] as const) {
        expect([...new Set(job.progress.map(({ stage }) => stage))]).toEqual(stages(refit));
        const fractions = job.progress.map(({ fraction }) => fraction);
        // The first stage goes by the clock: on a busy machine it has begun before it is heard of.
        expect(fractions[0]).toBeLessThan(0.01);
        expect(fractions.at(-1)).toBe(1);
        expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
      }
    });

    it('writes a report that begins like all reports', () => {
      const { report, version } = tested;
      expect([...Compile(Report).Errors(report)]).toEqual([]);
      expect(report).toMatchObject({
        model,
        seed: subject.spec.distillation!.seed,
        codeVersion: CODE_VERSION,
        backend: { name: engine.report.name },
        settings: { refit: false },
        warnings: tested.warned,
      });
      expect(report.data.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(report.data.split).not.toBe('');
      expect(Object.keys(report.seconds)).toEqual(stages(false).slice(0, -1));
      expect(Object.keys(refitted.report.seconds)).toEqual(stages(true).slice(0, -1));
      expect(version).toMatchObject({ model, jobId: 'job-1', artifact: `models/${model}/job-1` });
      expect(version.bytes).toBe(tested.weights.length);
      expect(version.summary).toHaveProperty('metrics.student');
      const { history, metric, student } = report.headline!;
      const { models } = report.histories.find((one) => one.history === history)!;
      expect(student).toEqual(models.find(({ name }) => name === 'student')!.metrics[metric]);
      expect(report.verdict.findings.map(({ about }) => about)).toContain('teacher');
      expect(refitted.report.served.weights).toBe('refitted');
    });

    it('keeps every epoch of every stage, measured but where nothing is held out', () => {
      const { curves } = refitted.report;
      expect([...new Set(curves.map(({ stage }) => stage))]).toEqual(
        stages(true).filter((stage) => subject.resumed.includes(stage)),
      );
      for (const { stage, points, metric } of curves) {
        expect(
          points.map(({ epoch }) => epoch),
          stage,
        ).toEqual(points.map((_, i) => i + 1));
        const ended = refitted.progress.filter((p) => p.stage === stage && p.epochEnd);
        expect(ended.length, stage).toBeGreaterThanOrEqual(points.length);
        if (stage === 'distillation') expect(metric).toBeDefined();
        if (stage.startsWith('refit')) expect(metric).toBeUndefined();
      }
    });

    it('publishes the student that was tested', async () => {
      const { artifacts, version, report } = tested;
      const published = { artifacts, artifact: version.artifact, spec: withRefit(false), report };
      const { reported, measured } = await subject.measure(published);
      expect(reported).toBeGreaterThan(0);
      expect(measured).toBeCloseTo(reported, 9);
    });

    it('publishes after a refit another student than the one that was tested, and the report says so', () => {
      expect(refitted.report.settings.refit).toBe(true);
      expect(refitted.weights.equals(tested.weights)).toBe(false);
      if (engine.report.deterministic) expect(figuresOf(refitted.report)).toEqual(figuresOf(tested.report));
      expect(refitted.epochs('refit').length).toBeGreaterThan(0);
    });

    it('says which weights are served, and how far they agree with those that were tested', () => {
      expect(servedOf(tested)).toEqual({ weights: 'tested' });
      const { seconds } = refitted.report;
      const { weights, probes, ...time } = servedOf(refitted);
      expect(weights).toBe('refitted');
      expect(time.seconds).toBeCloseTo(seconds['refit-teacher']! + seconds.refit!, 6);
      expect(probes!.histories).toBeGreaterThan(10);
      expect(probes!.overlap).toBeGreaterThan(0);
      for (const share of [probes!.overlap, probes!.rbo, probes!.sameFirst]) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }
      const last = (stage: Stage) => Math.max(...refitted.epochs(stage));
      expect(last('refit-teacher')).toBeLessThan(0.6 * last('teacher'));
      expect(last('refit')).toBeLessThan(0.6 * last('distillation'));
    });

    it.runIf(subject.newest)('recommends in the end what only the test part has', async () => {
      const { store, spec, history, expected } = subject.newest!;
      const job = { ...withRefit(true), ...spec, evaluation: { ...subject.spec.evaluation } };
      const { artifacts, version } = await finished({
        store: store(),
        spec: job,
        folder: await newFolder(),
      });
      const { items, weights } = await loadStudent(artifacts, version.artifact);
      const rows = history.map((id) => items.indexOf(id));
      const { rows: best } = createStudentScorer(weights).recommend(
        rows,
        rows.map(() => 1),
        1,
        rows,
      );
      expect(items[best[0]!]).toBe(expected);
    });

    it('serves the tested weights where the refit fails', async () => {
      const seen: string[] = [];
      const failing = { ...engine, sparseRows: engine.sparseRows };
      const job = await finished({
        spec: withRefit(true),
        folder: taught,
        engine: failing,
        onEvent(event) {
          if (!('stage' in event) || event.stage !== 'refit') return;
          seen.push(event.stage);
          failing.sparseRows = () => {
            failing.sparseRows = engine.sparseRows;
            throw problem('out-of-memory', 'nothing is left');
          };
        },
      });
      expect(seen.length).toBeGreaterThan(0);
      expect(servedOf(job)).toMatchObject({ weights: 'tested', reason: 'nothing is left' });
      expect(job.warned.join()).toMatch(/The refit is not served/);
      expect(job.report.settings.refit).toBe(false);
      if (engine.report.deterministic) expect(job.weights.equals(tested.weights)).toBe(true);
    });
    it('shows lists of some test users, by items alone, where it ranks items', () => {
      const { examples, tasks } = tested.report;
      const ranks = tasks !== undefined || tested.report.models[0]!.coverage !== null;
      const all = tasks ? tasks.map((table) => table.examples) : [examples];
      for (const lists of all) {
        expect(lists !== undefined && lists.length > 0).toBe(ranks);
        expect(lists?.length ?? 0).toBeLessThanOrEqual(20);
        for (const one of lists ?? []) {
          expect(Object.keys(one).sort()).toEqual(['gained', 'history', 'lost', 'student', 'teacher']);
          expect(one.history.length).toBeGreaterThan(0);
          expect(one.gained).toEqual(one.student.filter((item) => !one.teacher.includes(item)));
          expect(one.teacher.length - one.lost.length).toBe(one.student.length - one.gained.length);
        }
      }
    });

    it('says of which users it has seen the histories, all of them in one kind', () => {
      const { histories, data } = tested.report;
      expect(histories.map(({ history }) => history)).toEqual(['taught', 'newer', 'unseen']);
      expect(histories.reduce((sum, { users }) => sum + users, 0)).toBe(data.testUsers);
      for (const { users, why } of histories) expect(why === undefined).toBe(users > 0);
    });

    it('repeats student and controls with other seeds, and publishes the first student', async () => {
      const spec = withRefit(false);
      const repeated = await finished({
        spec: { ...spec, evaluation: { ...spec.evaluation, seeds: 2 } },
        folder: taught,
      });
      const { report } = repeated;
      expect([...Compile(Report).Errors(report)]).toEqual([]);
      expect([...new Set(repeated.progress.map(({ stage }) => stage))]).toContain('seeds');
      const { seed } = tested.report;
      expect(report.seeds!.map((one) => one.seed)).toEqual([seed, seed + 1]);
      const figures = report.seeds!.map(
        ({ models }) => models.find(({ name }) => name === 'student')!.metrics,
      );
      // Lists of tiny data may be alike; the way to them is not.
      const lossesOf = (stage: Stage) =>
        report.curves.find((curve) => curve.stage === stage)!.points[0]!.losses;
      expect(lossesOf('seeds')).not.toEqual(lossesOf('distillation'));
      const { metric } = report.headline!;
      const of = ({ models }: Pick<Report, 'models'>) =>
        models.find(({ name }) => name === 'student')!.metrics[metric]!.value;
      const [low, high] = figures.map((one) => one[metric]!).sort((a, b) => a - b);
      expect(of(report)).toBeGreaterThanOrEqual(low! - 1e-9);
      expect(of(report)).toBeLessThanOrEqual(high! + 1e-9);
      if (!engine.report.deterministic) return;
      expect(repeated.weights.equals(tested.weights)).toBe(true);
      expect(figures[0]![metric]).toBeCloseTo(of(tested.report), 9);
    });

    it('leaves no artifact and no tensors, in whatever stage it is cancelled', async () => {
      const folder = await newFolder();
      const before = engine.numTensors();
      let most = before;
      for (const stage of stages(true)) {
        const job = await run({
          spec: withRefit(true),
          folder,
          stopAt(progress) {
            most = Math.max(most, engine.numTensors());
            return progress.stage === stage;
          },
        });
        expect(job.error, stage).toMatchObject({ code: 'cancelled' });
        expect(job.progress.at(-1)!.stage).toBe(stage);
        expect(job.artifacts.files.size, stage).toBe(0);
        expect(engine.numTensors(), stage).toBeLessThanOrEqual(before);
      }
      expect(most).toBeGreaterThan(before);
    });

    it('leaves no tensors where publication fails', async () => {
      const folder = await newFolder();
      const before = engine.numTensors();
      const artifacts = memoryArtifacts();
      const full = { ...artifacts, putFolder: () => Promise.reject(new Error('the disk is full')) };
      const failed = await run({ folder, artifacts: full });
      expect(failed.error).toMatchObject({ message: 'the disk is full' });
      expect(engine.numTensors()).toBeLessThanOrEqual(before);
    });

    it('goes on from its checkpoints wherever it was ended, and ends with the same bytes', async () => {
      const folder = await newFolder();
      const spec = withRefit(true);
      for (const stage of subject.resumed) {
        const ended = await run({ spec, folder, stopAt: (p) => p.stage === stage && p.epoch === 2 });
        expect(ended.error, stage).toMatchObject({ code: 'cancelled' });
        const again = await run({ spec, folder, stopAt: (p) => p.stage === stage && p.epoch !== undefined });
        expect(again.epochs(stage)[0], stage).toBeGreaterThan(1);
      }
      const whole = await finished({ spec, folder });
      expect(whole.epochs('teacher')).toEqual([]);
      for (const { points } of whole.report.curves)
        expect(points.map(({ epoch }) => epoch)).toEqual(points.map((_, i) => i + 1));
      // Each was ended at its second epoch, and tells of all the same.
      expect(epochsOf(whole.report, 'distillation')).toEqual(epochsOf(refitted.report, 'distillation'));
      if (engine.report.deterministic) expect(whole.weights.equals(refitted.weights)).toBe(true);
    });

    it('that had published its result trains nothing again', async () => {
      const { artifacts, version, warnings } = tested;
      const again = await finished({ folder: await newFolder(), artifacts });
      expect(again).toMatchObject({ version, warnings, progress: [] });
    });

    it('trains a teacher once for all of its students, who learn what they would have learned alone', async () => {
      expect(tested.epochs('teacher').length).toBeGreaterThan(0);
      const teachers = () =>
        readdirSync(path.join(taught, 'teachers')).filter((name) => name.endsWith('.teacher'));
      const kept = teachers();
      expect(kept.length).toBeGreaterThan(0);
      const spec = { ...withRefit(false), student: subject.otherStudent };
      const second = await finished({ spec, folder: taught });
      expect(second.epochs('teacher')).toEqual([]);
      expect(teachers()).toEqual(kept);
      expect(second.weights.equals(tested.weights)).toBe(false);
      const alone = await finished({ spec, folder: await newFolder() });
      if (engine.report.deterministic) expect(second.weights.equals(alone.weights)).toBe(true);
    });

    it('stores its teacher with the version, and a later job learns from it', async () => {
      const { artifacts, version } = tested;
      const stored = [...artifacts.files.keys()].filter((key) => key.includes('/teacher/'));
      expect(stored.length).toBeGreaterThan(0);
      expect(artifacts.files.has(`models/${model}/job-1/learned.bin`)).toBe(true);
      const versions = [
        { ...version, version: 1, createdAt: '2026-01-01T00:00:00.000Z', aliases: ['stable'] },
      ];
      const models = {
        names: async () => [model],
        versions: async (name: string) => (name === model ? versions : []),
      };
      const store = { ...subject.store(), models };
      const spec = { ...withRefit(false), model: 'later', teacher: { model } };
      const later = await finished({
        spec,
        store,
        folder: await newFolder(),
        artifacts: memoryArtifacts(artifacts.files),
      });
      expect(later.epochs('teacher')).toEqual([]);
      expect(later.epochs('distillation').length).toBeGreaterThan(0);
      const { teacher } = tested.version.summary.metrics;
      expect(later.version.summary.metrics.teacher).toEqual(teacher);
    });

    it('is done where it is cancelled after its publication, and stores no teacher where it wants none', async () => {
      const spec = { ...withRefit(false), publish: { teacher: false } };
      const job = await run({ spec, folder: taught, stopAt: ({ fraction }) => fraction === 1 });
      expect(job.error).toBeNull();
      expect(job.version).toEqual(tested.version);
      expect([...job.artifacts.files.keys()].filter((key) => key.includes('/teacher/'))).toEqual([]);
    });

    it('shows a warning when it arises, and in the report, and leaves no tensors', async () => {
      const { spec, store, message, before } = subject.warned;
      const events: ({ warning: string } | { stage: string })[] = [];
      const tensors = engine.numTensors();
      const job = await finished({
        spec: { ...withRefit(false), ...spec },
        ...(store && { store: store() }),
        folder: await newFolder(),
        // What the engine says of itself on a GPU.
        engine: { ...engine, report: { ...engine.report, name: 'gpu', deterministic: false } },
        onEvent: (event) => void events.push(event),
      });
      expect(engine.numTensors()).toBeLessThanOrEqual(tensors);
      const shown = events.findIndex((event) => 'warning' in event && message.test(event.warning));
      const begun = events.findIndex((event) => 'stage' in event && event.stage === before);
      expect(shown).toBeGreaterThanOrEqual(0);
      expect(begun).toBeGreaterThan(shown);
      // Before anything else.
      const warning = 'The gpu backend does not promise the same bytes for the same seed';
      expect(events[0]).toEqual({ warning });
      expect(job.warnings![0]).toBe(warning);
      expect(job.report.warnings).toEqual(job.warned);
      expect(job.warnings).toEqual(job.warned);
    });
  });
}

/** The part of the report about the weights that are served. */
const servedOf = ({ report }: { report: Report }) => report.served!;

/** A report without what differs from run to run. */
function figuresOf(report: object): unknown {
  const changing = /^(createdAt|seconds|\w*Microseconds|refit|selfTestMs|curves|served)$/;
  return JSON.parse(JSON.stringify(report, (key, value) => (changing.test(key) ? undefined : value)));
}

const epochsOf = ({ curves }: Report, wanted: Stage) =>
  curves
    .filter(({ stage }) => stage === wanted)
    .map(({ points }) => points.map(({ epoch, metric, losses }) => ({ epoch, metric, losses })));
