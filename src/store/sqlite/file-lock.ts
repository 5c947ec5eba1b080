import Database from 'better-sqlite3';

/**
 * Locks a file for as long as this process lives, by the lock of the system that an exclusive transaction of SQLite takes
 * (fcntl on Linux and macOS). The system frees it when its owner dies, however it dies, and it holds between containers that
 * share a volume, which cannot see each other's processes. The file stays empty, and no one else may open it in this process:
 * closing any descriptor of it would free the lock.
 * @returns what frees it; null while another process has it
 * @throws Error where the file cannot be written or is something else
 */
export function lockFile(file: string): (() => void) | null {
  const database = new Database(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (error) {
    database.close();
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}
