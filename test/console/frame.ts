import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { KEY, type Suite } from './bench.ts';

/** Tests of all that the pages share: the key, the api away and back, the keyboard, and a proxy's prefix. */
export const frame: Suite = {
  page: 'frame',
  tests(bench) {
    it('asks for a key, says that one is wrong, and takes the right one', async () => {
      const { open, says, type, click, faults, audit, page } = bench();
      faults.allow(/401/);
      await open('', { key: null });
      await says('This service wants a key');
      await type('Key', 'wrong');
      await click('Use this key');
      await says('The key was refused');
      expect(await audit('key')).toEqual([]);
      await type('Key', KEY);
      await click('Use this key');
      await says('Forget the key');
      await says('Overview');
      expect(await page.evaluate(() => localStorage.length)).toBe(0);
      await click('Forget the key');
      await says('This service wants a key');
    });

    it('refuses a key that no header can carry, typed or kept', async () => {
      const { open, says, type, click, faults, page } = bench();
      faults.allow(/401/);
      await open('', { key: '\u201c5tillhouse\u201d' });
      await says('This service wants a key');
      await says('The scope read shows');
      await type('Key', '\u201c5tillhouse\u201d');
      await click('Use this key');
      await says('Was it copied with quotes around it?');
      expect(await page.evaluate(() => document.body.textContent)).not.toContain('does not answer');
    });

    it('says that the api is away, and goes on by itself when it is back', async () => {
      const { open, says, go, text, proxy, faults } = bench();
      await open('#/operate');
      await says('Workers');
      faults.allow(/ERR_|Failed to load/);
      proxy.misbehave(() => 'reset');
      await go('#/overview');
      await says('The api does not answer');
      proxy.misbehave(null);
      await says(/^(?![\s\S]*does not answer)/);
      expect(await text()).not.toContain('unreachable');
    });

    it('paints its frame and its page', async () => {
      const { open, says, page } = bench();
      await open('');
      await says('Overview');
      // Text can be read before a busy machine has painted it.
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      const painted = await page.evaluate(() =>
        performance
          .getEntriesByType('paint')
          .map(({ name, startTime }) => [name, Math.round(startTime)] as const),
      );
      expect(painted.map(([name]) => name)).toContain('first-contentful-paint');
      // No limit: what a busy machine takes is no fault of the page.
      console.log(`the console on loopback: ${painted.map(([name, ms]) => `${name} ${ms} ms`).join(', ')}`);
    });

    it('is walked by the keyboard', async () => {
      const { open, says, page } = bench();
      await open('');
      await says('Overview');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    });

    it('says that a place is none', async () => {
      const { open, says } = bench();
      await open('#/nowhere');
      await says('There is no such page');
    });

    it('keeps the colours that somebody chose', async () => {
      const { open, says, click, page } = bench();
      await open('');
      await says('Overview');
      const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await back();
      await click('Auto colours, change');
      await click('Light colours, change');
      expect(await back()).not.toBe(light);
      await click('Dark colours, change');
      expect(await back()).toBe(light);
    });

    it('works behind the prefix of a proxy', async () => {
      const { open, says, service, page } = bench();
      const requested: string[] = [];
      const proxy = http.createServer((request, answer) => {
        requested.push(request.url!);
        const path = request.url!.replace(/^\/far\/away/, '');
        const onward = http.request(service.url + path, {
          method: request.method!,
          headers: request.headers,
        });
        onward.on('response', (from) => {
          answer.writeHead(from.statusCode!, from.headers);
          from.pipe(answer);
        });
        request.pipe(onward);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/far/away`;
      try {
        bench().faults.allow(/request to another origin/);
        await open('#/operate', { url });
        await says('It takes jobs.');
        await page.goto('about:blank');
        expect(requested.filter((path) => !path.startsWith('/far/away/'))).toEqual([]);
        expect(requested).toContain('/far/away/queue');
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    });
  },
};
