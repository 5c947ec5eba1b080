import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobEvent } from '../../../domain/jobs/job.ts';
import type { ApiError } from '../../api.ts';
import { follow } from '../../events.ts';
import { asApiError } from '../../hooks.ts';
import { addEvent, newStory, type Story } from './story.ts';

/** Events come by the hundred when a page is loaded: they are shown together. */
const SHOWN_EVERY_MS = 150;

/**
 * A job's events from the first on, live until it has ended.
 * @param onState called when the job's state has changed
 */
export function useStory(id: string, onState: () => void): { story: Story; error: ApiError | null } {
  const [story, setStory] = useState(newStory);
  const [, setShown] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  const changed = useRef(onState);
  changed.current = onState;
  useEffect(() => {
    const control = new AbortController();
    const own = newStory();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setStory(own);
    const show = () => {
      timer = undefined;
      setShown(own.seq);
    };
    follow(
      `/jobs/${encodeURIComponent(id)}/events`,
      ({ data }) => {
        const event = JSON.parse(data) as JobEvent;
        addEvent(own, event);
        if (event.type === 'state') changed.current();
        timer ??= setTimeout(show, SHOWN_EVERY_MS);
      },
      control.signal,
    ).catch((thrown) => {
      if (!control.signal.aborted) setError(asApiError(thrown));
    });
    return () => {
      control.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return { story, error };
}
