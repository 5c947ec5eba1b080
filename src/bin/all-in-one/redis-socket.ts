import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS. */
const LONGEST_SOCKET_PATH = 100;

/** In the folder itself, or in a folder of our own under the system's temporary one when that path is too long. */
export function socketPathFor(dir: string): string {
  const inside = path.join(dir, 'redis.sock');
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_PATH) return inside;
  const uid = process.getuid?.() ?? 0;
  const name = createHash('sha256').update(dir).digest('hex').slice(0, 16);
  const short = path.join(os.tmpdir(), `stillhouse-${uid}-${name}`);
  mkdirSync(short, { recursive: true, mode: 0o700 });
  // Anybody can create names in the temporary folder: a link or a stranger's folder must not get our data.
  const found = lstatSync(short);
  if (!found.isDirectory() || found.uid !== uid)
    throw new Error(`${short} belongs to somebody else; remove it`);
  return path.join(short, 'redis.sock');
}

/** One inline command; what the server answers until it has said a line, or '' when it closes without a word. */
export function askRedis(socketPath: string, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection(socketPath);
    let answer = '';
    const finish = (outcome: () => void) => {
      socket.destroy();
      outcome();
    };
    socket.setTimeout(timeoutMs, () => finish(() => reject(new Error('Redis does not answer'))));
    socket.on('error', (error) => finish(() => reject(error)));
    socket.on('close', () => resolve(answer));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
      if (answer.includes('\r\n')) finish(() => resolve(answer));
    });
    socket.write(`${command}\r\n`);
  });
}

export async function isAnswering(socketPath: string): Promise<boolean> {
  // -LOADING is an answer too: the server lives and is reading its file.
  return (await askRedis(socketPath, 'PING', 1000).catch(() => '')) !== '';
}
