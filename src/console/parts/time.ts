import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { duration } from './format.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const FULL = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });
const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** How long ago or how soon, and from a week on the day; the whole time when one points at it. */
export function Time({ at }: { at: string | null | undefined }): VNode {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 2);
    return () => clearInterval(timer);
  }, []);
  if (!at) return html`<span>–</span>`;
  const date = new Date(at);
  return html`<time dateTime=${at} title=${FULL.format(date)}>${relative(date.getTime(), now)}</time>`;
}

/** @param now both in milliseconds */
function relative(at: number, now: number): string {
  const away = Math.abs(now - at);
  if (away > 7 * DAY_MS) return DAY.format(at);
  if (away < 5_000) return 'now';
  const text =
    away < MINUTE_MS ? `${Math.round(away / 1000)} s` : duration(Math.round(away / MINUTE_MS) * 60);
  return at > now ? `in ${text}` : `${text} ago`;
}
