/** One command of `stillhouse`. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** @throws Error or problem with one sentence that says what is wrong */
  run(args: readonly string[]): Promise<void>;
}

/** True for `--help` or `-h` alone. */
export function asksForHelp(args: readonly (string | undefined)[]): boolean {
  const given = args.filter((arg) => arg !== undefined);
  return given.length === 1 && (given[0] === '--help' || given[0] === '-h');
}

/** @throws Error where a command that takes nothing is given something */
export function takeNothing(name: string, args: readonly string[]): void {
  if (args.length > 0) throw new Error(`stillhouse ${name} takes nothing more; got ${args.join(' ')}.`);
}
