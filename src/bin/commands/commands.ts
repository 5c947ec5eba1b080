import { builtProgram } from '../../core/built-file.ts';
import { backup } from './backup.ts';
import { asksForHelp, type Command, takeNothing } from './command.ts';
import { newKeyLines } from './key.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { verify } from './verify.ts';
import { workerSettings } from './worker-options.ts';

/**
 * An entry point that runs as soon as it is loaded, and until it is told to stop.
 * @param settingsOf reads options as settings; a role without it takes none
 */
function role(
  name: string,
  summary: string,
  settingsOf?: (args: readonly string[]) => Record<string, string>,
): Command {
  return {
    name,
    summary,
    async run(args) {
      if (!settingsOf) takeNothing(name, args);
      // biome-ignore lint/style/noProcessEnv: an option is one more way to give a setting to the process that begins here.
      else Object.assign(process.env, settingsOf(args));
      await import(builtProgram(name).href);
    },
  };
}

const COMMANDS: readonly Command[] = [
  role('api', 'answers requests'),
  role(
    'worker',
    '[--queues imports,training,maintenance] [--concurrency N]: takes jobs, looks after the rest',
    workerSettings,
  ),
  {
    name: 'consume',
    summary: '--topic TOPIC: reads interactions from a topic of Kafka',
    run: async (args) => (await import('../consume.ts')).consume(args),
  },
  {
    name: 'key',
    summary: '[SCOPE+SCOPE]: makes an API key for API_KEYS',
    run: async (args) => console.log(newKeyLines(args)),
  },
  { name: 'migrate', summary: 'creates the database, or brings its tables up to date', run: migrate },
  { name: 'verify', summary: 'looks through the database and hashes all stored models', run: verify },
  { name: 'backup', summary: 'FILE: writes the whole installation as a tar', run: backup },
  { name: 'restore', summary: 'FILE: takes such a tar into an empty installation', run: restore },
];

/**
 * Runs the command that the arguments name.
 * @param all what `stillhouse` alone, or `stillhouse all`, does
 * @throws Error with one sentence that says what is wrong
 */
export async function runCommand(
  [name = 'all', ...args]: readonly string[],
  all: () => Promise<void>,
): Promise<void> {
  const commands = [
    { name: 'all', summary: 'everything on one machine; the default', run: all },
    ...COMMANDS,
  ];
  if (name === 'help' || asksForHelp([name])) {
    const lines = commands.map(({ name, summary }) => `  stillhouse ${name.padEnd(8)} ${summary}`);
    return console.log(`${lines.join('\n')}\nSettings are environment variables: docs/settings.md.`);
  }
  const command = commands.find((one) => one.name === name);
  if (!command) {
    const names = commands.map((one) => one.name).join(', ');
    throw new Error(`There is no command ${name}; there are ${names}.`);
  }
  if (name === 'all') takeNothing(name, args);
  await command.run(args);
}
