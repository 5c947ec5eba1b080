const IDS = ['userId', 'itemId', 'eventId'] as const;

/**
 * A row with its nulls, and those of its context, taken for absent fields, and whole numbers for the ids that they are written as. The row itself where there
 * is nothing to change.
 */
export function cleanRow(raw: unknown): { ok: unknown } | { reason: string } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { ok: raw };
  const row = raw as Record<string, unknown>;
  let clean: Record<string, unknown> | undefined;
  // Without a list of the names: this runs for each row of an import.
  for (const field in row) {
    if (row[field] !== null || !Object.hasOwn(row, field)) continue;
    clean ??= { ...row };
    delete clean[field];
  }
  for (const field of IDS) {
    const id = row[field];
    if (typeof id !== 'number') continue;
    const reason = numberProblem(field, id);
    if (reason !== null) return { reason };
    clean ??= { ...row };
    clean[field] = String(id);
  }
  const { context } = row;
  if (typeof context === 'object' && context !== null && Object.values(context).includes(null)) {
    clean ??= { ...row };
    clean.context = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== null));
  }
  return { ok: clean ?? row };
}

/** Numbers of JSON are read as 64 bits of floating point: beyond 2^53 other digits would be stored than were sent. */
function numberProblem(field: string, id: number): string | null {
  if (Number.isSafeInteger(id) && !Object.is(id, -0)) return null;
  if (Number.isInteger(id) && id !== 0)
    return `${field} is a number beyond 2^53, of which JSON loses the last digits; send it as text, in quotes`;
  return `${field} must be text, or a whole number; got ${id}`;
}
