import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWebhookAddresses } from '../../src/core/webhook-address.ts';
import { expectProblem } from './problem.ts';
import { rawRequest } from './raw-request.ts';
import { type Service, startService } from './service.ts';

const URL_ = 'https://hooks.example.com/a';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let service: Service;
beforeAll(async () => {
  const webhookAddresses = createWebhookAddresses({
    urls: ['*', 'http://10.0.0.7:8080/in'],
    privateAddresses: ['10.0.0.7'],
    lookUp: async (host) => {
      if (host === 'nowhere.example.com') throw new Error('not found');
      return [{ address: host.startsWith('inside') ? '192.168.1.1' : '93.184.215.14', family: 4 }];
    },
  });
  service = await startService({ webhookAddresses });
});
afterAll(() => service.close());

async function send(method: string, path: string, body?: unknown) {
  const headers = { 'content-type': 'application/json' };
  const options = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const answer = await rawRequest(service.url, method, path, options);
  return { ...answer, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}
const make = async (more: object = {}) => (await send('POST', '/webhooks', { url: URL_, ...more })).body;

describe('webhooks', () => {
  it('show their secret once: when it is given or made, and when it is changed', async () => {
    const made = await send('POST', '/webhooks', { url: URL_ });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...{ url: URL_, kinds: null, models: null, enabled: true },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
    });
    expect(made.headers.location).toBe(`/webhooks/${made.body.id}`);
    const given = await make({ secret: SECRET, kinds: ['job.ended'], models: ['movies'], enabled: false });
    expect(given).toMatchObject({ secret: SECRET, kinds: ['job.ended'], models: ['movies'], enabled: false });
    const changed = await send('PATCH', `/webhooks/${made.body.id}`, { secret: null });
    expect(changed.body.secret).not.toBe(made.body.secret);
    const later = [
      await send('GET', '/webhooks'),
      await send('GET', `/webhooks/${given.id}`),
      await send('PATCH', `/webhooks/${given.id}`, { enabled: true }),
      await send('POST', `/webhooks/${given.id}/test`),
      await send('GET', `/webhooks/${given.id}/deliveries`),
    ];
    for (const { text, status } of later) {
      expect(status).toBeLessThan(300);
      expect(text).not.toContain('whsec_');
    }
    expect(service.log.join('')).not.toContain('whsec_');
  });

  it('are read, changed and deleted', async () => {
    const { id } = await make({ kinds: ['job.ended'] });
    const changed = await send('PATCH', `/webhooks/${id}`, { kinds: null, models: ['books'] });
    expect(changed.body).toMatchObject({ url: URL_, kinds: null, models: ['books'] });
    expect((await send('GET', `/webhooks/${id}`)).body).toEqual(changed.body);
    expect((await send('DELETE', `/webhooks/${id}`)).status).toBe(204);
    const path = `/webhooks/${id}`;
    for (const [method, at, body] of [
      ['GET', path],
      ['PATCH', path, { enabled: true }],
      ['DELETE', path],
      ['POST', `${path}/test`],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/deliveries/msg_1/retry`],
    ] as const) {
      expectProblem(
        await send(method, at, body),
        404,
        'not-found',
        /There is no webhook|has no delivery "msg_1"/,
      );
    }
  });

  it('take what GET gives', async () => {
    const { id } = await make({ kinds: ['job.ended'] });
    const { body } = await send('GET', `/webhooks/${id}`);
    const copy = await send('POST', '/webhooks', body);
    expect(copy).toMatchObject({ status: 201, body: { url: URL_, kinds: ['job.ended'], models: null } });
    expect(copy.body.id).not.toBe(id);
  });

  it('are tried through the queue of all deliveries, and a delivery is sent again', async () => {
    const { id } = await make();
    const sent = await send('POST', `/webhooks/${id}/test`);
    expect(sent).toMatchObject({
      status: 202,
      body: { kind: 'webhook.test', state: 'pending', attempts: 0 },
    });
    expect((await send('GET', `/webhooks/${id}/deliveries?state=pending`)).body.data).toEqual([sent.body]);
    expect((await send('GET', `/webhooks/${id}/deliveries?state=failed`)).body.data).toEqual([]);
    expect((await send('GET', `/webhooks/${id}`)).body.waiting).toBe(1);
    const again = await send('POST', `/webhooks/${id}/deliveries/${sent.body.id}/retry`);
    expect(again).toMatchObject({ status: 202, body: { id: sent.body.id, state: 'pending' } });
  });

  it.each([
    [{}, /url is missing/],
    [{ url: URL_, kinds: [] }, /kinds must/],
    [{ url: URL_, kinds: ['job.begun'] }, /kinds\[0\] must be one of.*job\.ended/],
    [{ url: URL_, models: ['No Model'] }, /models\[0\] must be/],
    [{ url: URL_, secret: 'short' }, /secret must be whsec_ and 24 to 64 bytes in base64/],
    [{ url: URL_, enabled: 'yes' }, /enabled must be true or false/],
    [{ url: URL_, adress: 'x' }, /adress is not known here/],
  ])('refuse %j', async (body, detail) => {
    expectProblem(await send('POST', '/webhooks', body), 400, 'invalid-request', detail);
  });

  it.each([
    ['https://127.0.0.1/', /must not lead to 127\.0\.0\.1/],
    ['https://[::1]/', /must not lead to ::1/],
    ['https://169.254.169.254/latest/meta-data', /must not lead to 169\.254\.169\.254/],
    ['https://inside.example.com/', /inside\.example\.com at 192\.168\.1\.1/],
    ['http://10.0.0.7:8080/out', /must begin with https/],
    ['https://nowhere.example.com/', /nowhere\.example\.com of url cannot be found/],
    ['file:///etc/passwd', /must begin with https:\/\/ or http/],
    ['https://a:b@hooks.example.com/', /user or a password/],
    ['nonsense', /url must be an address such as/],
  ])('refuse the address %s, when they are made and when they are changed', async (url, detail) => {
    expectProblem(await send('POST', '/webhooks', { url }), 422, 'invalid-webhook', detail);
    const { id } = await make();
    expectProblem(await send('PATCH', `/webhooks/${id}`, { url }), 422, 'invalid-webhook', detail);
    expect((await send('GET', `/webhooks/${id}`)).body.url).toBe(URL_);
    await send('DELETE', `/webhooks/${id}`);
  });

  it('take a private address that is listed', async () => {
    expect(await make({ url: 'http://10.0.0.7:8080/in/x' })).toMatchObject({ enabled: true });
  });

  it('refuse a change of nothing, and a list that is asked wrongly', async () => {
    const { id } = await make();
    expectProblem(await send('PATCH', `/webhooks/${id}`, {}), 400, 'invalid-request', /./);
    const deliveries = `/webhooks/${id}/deliveries`;
    expectProblem(
      await send('GET', `${deliveries}?state=lost`),
      400,
      'invalid-request',
      /state must be one of/,
    );
    expectProblem(await send('GET', `${deliveries}?cursor=x`), 400, 'invalid-request', /cursor is not one/);
  });
});

it('without WEBHOOK_URLS nothing is sent anywhere, and the answer says what to set', async () => {
  const plain = await startService();
  try {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ url: URL_ });
    const answer = await rawRequest(plain.url, 'POST', '/webhooks', { headers, body });
    const refused = { ...answer, body: JSON.parse(answer.text) };
    expectProblem(refused, 422, 'invalid-webhook', /WEBHOOK_URLS is not set/);
  } finally {
    await plain.close();
  }
});
