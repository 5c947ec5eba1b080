const FIELDS = ['minute', 'hour', 'day of the month', 'month', 'day of the week'];

/** Loaded when it is needed: the api starts without it. */
async function parser() {
  const { CronExpressionParser } = await import('cron-parser');
  return CronExpressionParser;
}

/** Problem of a cron expression or its time zone, with what would be right, or null. */
export async function cronProblem(cron: string, timeZone: string): Promise<string | null> {
  if (!isTimeZone(timeZone)) {
    return `timeZone ${JSON.stringify(timeZone)} is not known here; give an IANA name such as Europe/Berlin or UTC`;
  }
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return `cron must have five fields (${FIELDS.join(', ')}), as in "0 3 * * *" for three o'clock every night; got ${fields.length} in ${JSON.stringify(cron)}`;
  }
  // The parser knows H for "at random", which would differ from process to process.
  const random = fields.findIndex((field) => /(^|[,/-])h(?![a-z])/i.test(field));
  if (random >= 0) return `cron: H is not possible in the ${FIELDS[random]}; give a number`;
  try {
    await nextRun(cron, timeZone, Date.now());
    return null;
  } catch (error) {
    return `cron ${JSON.stringify(cron)} cannot be read: ${(error as Error).message}`;
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The first time after `after`, in milliseconds, at which the clock of the time zone shows what the expression says.
 * A time that summer time skips comes as much later; one that it repeats comes once.
 */
export async function nextRun(cron: string, timeZone: string, after: number): Promise<number> {
  const expression = (await parser()).parse(cron, { tz: timeZone, currentDate: new Date(after) });
  return expression.next().getTime();
}
