import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { RegisteredVersion } from '../../../domain/answers/model.ts';
import { settingDifferences } from '../../../domain/releases/setting-differences.ts';
import { EXAMPLES, ListDifference } from '../../../domain/reports/example-report.ts';
import { Measured } from '../../../domain/reports/measured.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { currentReport } from '../../../evaluation/upgrade/upgrade-report.ts';
import type { App } from '../../app-type.ts';
import { fromReports } from '../../compare/from-report.ts';
import { type ScoreDeps, type ScoredNow, scoreNow } from '../../compare/score-now.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { ModelParams } from '../../path-id.ts';
import { fileOfVersion } from '../../served-file.ts';

const Comparison = Type.Object({
  model: Type.String(),
  versions: Type.Array(Type.Integer(), { description: 'The two, as they were named.' }),
  from: Type.Enum(['report', 'now', 'nothing'], {
    description:
      'report: a job measured one against the other. now: both were scored for this answer, on pairs of today that neither has learned from. nothing: `why` says why not.',
  }),
  users: Type.Integer({ description: 'The users that the differences are over.' }),
  differences: Type.Record(Type.String(), Measured, {
    description:
      "The second version's metric less the first's, of errors the other way round, so that above 0 the second is better. Paired over the same users, with the 95 % bootstrap interval.",
  }),
  why: Type.Optional(Type.String()),
  settings: Type.Array(
    Type.Object({
      setting: Type.String({ examples: ['student.dimensions'] }),
      values: Type.Array(Type.Unknown(), { description: 'Of the first and of the second; null for none.' }),
    }),
    { description: 'What their reports name differently under `settings`.' },
  ),
  sizes: Type.Object({
    bytes: Type.Array(Type.Integer()),
    dimensions: Type.Array(Type.Integer()),
    items: Type.Array(Type.Integer()),
  }),
  examples: Type.Array(ListDifference, {
    description: 'Of up to twenty users, without saying who they are; empty for models of labels.',
  }),
});
const EXAMPLE = {
  model: 'movies',
  versions: [3, 4],
  from: 'report',
  users: 412,
  differences: { 'ndcg@10': { value: 0.004, low: -0.002, high: 0.01 } },
  settings: [{ setting: 'student.dimensions', values: [32, 64] }],
  sizes: { bytes: [60_500, 121_000], dimensions: [32, 64], items: [1682, 1682] },
  examples: [{ gained: ['film-7'], lost: ['film-12'] }],
};

const compare = {
  operationId: 'compareVersions',
  tags: ['models'],
  summary: 'Compare two versions of a model',
  description:
    'Paired differences over the same users, what differs in their settings, and which items twenty users gain and lose.',
  params: ModelParams,
  querystring: Type.Object(
    {
      versions: Type.String({
        pattern: '^[0-9]{1,10},[0-9]{1,10}$',
        description: 'Two numbers of versions, the former first.',
        examples: ['3,4'],
      }),
    },
    { additionalProperties: false },
  ),
  response: { 200: json('The comparison.', Comparison, { 'two versions': EXAMPLE }) },
  problems: {
    'invalid-request': 'versions must be two numbers of versions, such as 3,4; got "3".',
    'not-found': 'The model "movies" has no version 9.',
    conflict: 'Version 4 of movies is damaged: report.json is missing.',
  },
};

export function compareRoutes(deps: ScoreDeps & Pick<AppDeps, 'store' | 'artifacts'>) {
  const { store, artifacts } = deps;
  const find = async (name: string, version: number): Promise<RegisteredVersion> => {
    const found = await store.models.get(name, version);
    if (found) return found;
    throw problem('not-found', `The model ${JSON.stringify(name)} has no version ${version}.`);
  };
  const reportOf = async (version: RegisteredVersion): Promise<Report> =>
    JSON.parse(currentReport(await fileOfVersion(artifacts, version, 'report.json')).toString());

  return async (app: App): Promise<void> => {
    app.get('/models/:name/compare', {
      config: { scope: 'read' },
      schema: compare,
      handler: async ({ params: { name }, query }) => {
        const versions = numbersOf(query.versions);
        const pair = [await find(name, versions[0]), await find(name, versions[1])] as const;
        const reports = [await reportOf(pair[0]), await reportOf(pair[1])] as const;
        const held = fromReports(versions, reports);
        const ranksItems = reports.every(({ task, sets }) => task !== 'multi-label' || sets !== undefined);
        const now: ScoredNow = ranksItems
          ? await scoreNow(deps, pair, EXAMPLES)
          : { examples: [], why: 'models of labels are compared within a job alone' };
        const compared = held ?? now.compared;
        const both = <K extends 'bytes' | 'dimensions' | 'items'>(field: K) => pair.map((one) => one[field]);
        return {
          model: name,
          versions,
          from: held ? 'report' : compared ? 'now' : 'nothing',
          users: compared?.users ?? 0,
          differences: compared?.differences ?? {},
          ...(!compared && now.why !== undefined && { why: now.why }),
          settings: settingDifferences(reports.map((report) => report.settings)),
          sizes: { bytes: both('bytes'), dimensions: both('dimensions'), items: both('items') },
          examples: now.examples,
        };
      },
    });
  };
}

/** @throws problem('invalid-request') where both are the same */
function numbersOf(text: string): [number, number] {
  const [first, second] = text.split(',').map(Number) as [number, number];
  if (first !== second && first >= 1 && second >= 1) return [first, second];
  throw problem(
    'invalid-request',
    `versions must be two different numbers of versions from 1, such as 3,4; got ${JSON.stringify(text)}.`,
  );
}
