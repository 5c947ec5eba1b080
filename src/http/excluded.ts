/**
 * Ids to leave out, as a query says them: `exclude=a,b` means a and b, and an item whose id is `a,b`, since ids may have
 * commas. In a body a list says exactly which ids it means.
 */
export function excludedIn<T extends { exclude?: readonly string[] | undefined }>(query: T): T {
  if (!query.exclude?.some((id) => id.includes(','))) return query;
  const parts = query.exclude.flatMap((id) => [id, ...id.split(',').map((part) => part.trim())]);
  return { ...query, exclude: [...new Set(parts)].filter((id) => id !== '') };
}
