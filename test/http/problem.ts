import { expect } from 'vitest';

interface Answer {
  status: number;
  type?: string;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** Every failure has this shape; the detail is what a person reads, so tests say what it must name. */
export function expectProblem(answer: Answer, status: number, code: string, detail: RegExp): void {
  expect(answer.body).toMatchObject({ type: 'about:blank', status, code });
  expect(answer.status).toBe(status);
  expect(String(answer.headers['content-type'])).toMatch(/^application\/problem\+json/);
  expect(String(answer.body.detail)).toMatch(detail);
  expect(answer.body.title).toEqual(expect.any(String));
  expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
}

/** Matches a text that has these words in it, as they stand. */
export const saying = (words: string) => new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
