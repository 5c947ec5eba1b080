// Locks the folder that is its argument, says so, and stays until it is killed.
import { lockDataDir } from '../../../dist/bin/all-in-one/data-dir-lock.js';

try {
  const { wasStale } = lockDataDir(process.argv[2]);
  console.log(JSON.stringify({ pid: process.pid, wasStale }));
  setInterval(() => {}, 1000);
} catch (error) {
  console.log(JSON.stringify({ refused: error.message }));
}
