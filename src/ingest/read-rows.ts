/** One data row of a file: what it says, not yet checked, or why it cannot be read. */
export type FileRow = { line: number; raw: unknown } | { line: number; reason: string };

export interface ReadOptions {
  /** For interactions that name no type. */
  type?: string | undefined;
}
