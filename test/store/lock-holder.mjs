// Holds the write lock of a database for some time, as another process would. Says 'locked' once it has it.
import Database from 'better-sqlite3';

const [file, milliseconds] = process.argv.slice(2);
const database = new Database(file);
database.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
setTimeout(() => database.close(), Number(milliseconds));
