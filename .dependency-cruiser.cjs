// The direction of imports that docs/architecture.md describes. A folder of src may import the folders on earlier
// lines and itself; folders on one line do not know each other.
const layers = [
  ['core'],
  ['tracing'],
  ['domain'],
  ['features'],
  ['store', 'ingest', 'dataset', 'tensor', 'artifact', 'jobs'],
  ['scoring'],
  ['teacher', 'student', 'evaluation', 'serving', 'backup'],
  ['distillation'],
  ['training'],
  ['worker', 'http'],
  ['bin'],
];

const folders = layers.flat();
const anyOf = (names) => `^src/(${names.join('|')})/`;

const layerRules = layers.flatMap((layer, level) =>
  layer.map((folder) => {
    const allowed = [...layers.slice(0, level).flat(), folder];
    return {
      name: `layer-${folder}`,
      comment: `src/${folder} may import ${allowed.join(', ')}.`,
      severity: 'error',
      from: { path: anyOf([folder]) },
      to: { path: '^src/', pathNot: anyOf(allowed) },
    };
  }),
);

// The same within a folder, by its rooms: a room may import those on earlier lines and itself; rooms on one line do not
// know each other. '.' are the files beside the rooms, but for those that have a line of their own.
const rooms = {
  domain: [
    ['base'],
    ['validate', 'data', 'keys', 'notices'],
    ['teachers'],
    ['losses', 'students'],
    ['tasks', 'releases', 'traffic'],
    ['jobs'],
    ['reports', 'answers'],
    ['drift'],
  ],
  ingest: [
    ['peek.ts', 'file-pattern.ts', 'read-rows.ts'],
    ['csv-header.ts'],
    ['text', 'times', 'unpack'],
    ['mapping'],
    ['.'],
  ],
  dataset: [['matrix.ts'], ['newest-rows.ts', 'row-columns.ts'], ['seen.ts'], ['split'], ['.']],
  tensor: [['backend'], ['sparse'], ['linalg'], ['loss', 'ridge', 'sequence', 'train'], ['.']],
  scoring: [['scan'], ['.']],
  evaluation: [['verdict', 'gate'], ['upgrade'], ['.']],
  artifact: [['store', 'format'], ['student'], ['.']],
  store: [
    ['engine'],
    ['audit', 'notices'],
    ['data', 'jobs', 'registry', 'keys'],
    ['consumed'],
    ['backup', 'drift'],
    ['sqlite', 'postgres'],
    ['.'],
  ],
  teacher: [
    ['contract.ts'],
    ['maker.ts', 'wrap.ts', 'training-failure.ts'],
    ['stored'],
    ['kinds', 'rating'],
    ['several'],
    ['.'],
  ],
  serving: [['filter', 'caches', 'threads'], ['models'], ['views'], ['answers'], ['traffic']],
  http: [
    ['.'],
    ['docs'],
    ['access', 'metrics'],
    ['plugins'],
    ['jobs'],
    ['rows', 'erasure'],
    ['compare'],
    ['routes'],
    ['app.ts'],
  ],
  distillation: [['lists'], ['losses', 'transfer'], ['.']],
  training: [
    ['run'],
    ['source'],
    ['controls', 'new-items', 'new-users'],
    ['teachers', 'report.ts'],
    ['live', 'drift'],
    ['task.ts'],
    ['tasks'],
    ['plan', 'parts'],
    ['.'],
  ],
  worker: [['trainer', 'webhooks'], ['queue', 'drift'], ['import', 'port', 'parts'], ['consume']],
};

function roomPath(folder, room) {
  if (room.endsWith('.ts')) return `^src/${folder}/${room.replace('.', '[.]')}$`;
  if (room !== '.') return `^src/${folder}/${room}/`;
  const others = rooms[folder].flat().filter((name) => name.endsWith('.ts'));
  return others.length > 0 ? `^src/${folder}/(?!(${others.join('|')})$)[^/]+$` : `^src/${folder}/[^/]+$`;
}

const roomRules = Object.entries(rooms).flatMap(([folder, lines]) => [
  {
    name: `rooms-of-${folder}`,
    comment: `A new room of src/${folder} needs its place in the table of rooms.`,
    severity: 'error',
    from: { path: `^src/${folder}/`, pathNot: lines.flat().map((room) => roomPath(folder, room)) },
    to: {},
  },
  ...lines.flatMap((line, level) =>
    line.map((room) => {
      const allowed = [...lines.slice(0, level).flat(), room];
      return {
        name: `room-${folder}-${room === '.' ? 'root' : room}`,
        comment: `src/${folder}/${room} may import of its folder ${allowed.join(', ')}.`,
        severity: 'error',
        from: { path: roomPath(folder, room) },
        to: { path: `^src/${folder}/`, pathNot: allowed.map((other) => roomPath(folder, other)) },
      };
    }),
  ),
]);

/** `packages` is imported by the folders `owners` alone. */
const ownedBy = (owners, name, packages) => ({
  name,
  comment: `Only ${owners.join(' and ')} may import it.`,
  severity: 'error',
  from: { path: '^src/', pathNot: anyOf(owners) },
  // The second form is how an import looks that could not be resolved.
  to: { path: `(^|node_modules/)(${packages})(/|$)`, pathNot: '^src/' },
});

module.exports = {
  forbidden: [
    ...layerRules,
    ...roomRules,
    {
      name: 'console-in-a-browser',
      comment: 'It runs in a browser and knows the API alone: of the rest of src it may use types of domain.',
      severity: 'error',
      from: { path: '^src/console/' },
      to: { path: '^src/', pathNot: '^src/(console|domain)/' },
    },
    {
      name: 'console-takes-types',
      comment:
        'Of domain it may use types, which leave nothing in the bundle, and the few pure functions that need no package.',
      severity: 'error',
      from: { path: '^src/console/' },
      to: {
        path: '^src/domain/',
        pathNot:
          '^src/domain/(reports/metric-names|releases/(front|previous-version|setting-differences))[.]ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'console-without-node',
      comment: 'There is no Node in a browser.',
      severity: 'error',
      from: { path: '^src/console/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'console-is-a-page',
      comment: 'Nothing imports the console; it is bundled and served as files.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/console/' },
      to: { path: '^src/console/' },
    },
    {
      name: 'known-folder',
      comment: 'A new folder of src needs its place in the list of layers.',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf([...folders, 'console']) },
      to: {},
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'api-without-tensorflow',
      comment: 'The api process serves from artifacts; whatever trains stays out of it.',
      severity: 'error',
      from: { path: '^src/bin/api[.]ts$' },
      to: { path: anyOf(['tensor', 'teacher', 'student', 'distillation', 'training']), reachable: true },
    },
    {
      name: 'http-without-tensorflow',
      comment: 'Plans are made in a thread of their own, src/bin/planner.ts.',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: anyOf(['tensor', 'teacher', 'student', 'distillation', 'training']), reachable: true },
    },
    {
      name: 'worker-without-training',
      comment: 'The worker forks a trainer for each job and holds no tensors itself.',
      severity: 'error',
      from: { path: '^src/bin/worker[.]ts$' },
      to: { path: anyOf(['tensor', 'teacher', 'student', 'distillation', 'training']), reachable: true },
    },
    ownedBy(['tensor'], 'tensorflow-in-tensor', '@tensorflow'),
    ownedBy(['jobs', 'worker'], 'queue-in-jobs-and-worker', 'bullmq'),
    ownedBy(['store'], 'sql-in-store', 'better-sqlite3|pg|kysely'),
    ownedBy(['training/source'], 'duckdb-in-source', '@duckdb'),
    ownedBy(['worker/consume'], 'kafka-in-consume', '@platformatic/kafka'),
    ownedBy(['console'], 'page-in-console', 'preact|htm|uplot'),
    ownedBy(['tracing'], 'opentelemetry-in-tracing', '@opentelemetry'),
    ownedBy(['artifact/store'], 's3-in-artifact-store', '@aws-sdk|@smithy'),
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types count: a type imported from a later layer is a dependency on it all the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'types', 'default'],
      exportsFields: ['exports'],
    },
  },
};
