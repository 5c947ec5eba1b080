import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The port itself when it can be listened on, or a free one for 0. Asked before anything is started.
 * @param patienceMs how long to wait for somebody who is just leaving
 * @throws Error in one sentence that names the port and the setting
 */
export async function freePort(host: string, port: number, patienceMs: number): Promise<number> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await tryPort(host, port);
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && Date.now() < deadline) {
        await sleep(100);
        continue;
      }
      throw new Error(reason(code, message, host, port), { cause: error });
    }
  }
}

function reason(code: string, message: string, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `Port ${port} of ${host} is in use: stop what uses it, or set PORT.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user: set PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: set HOST.`;
  return `Cannot listen on ${host}:${port}: ${message}`;
}

function tryPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
