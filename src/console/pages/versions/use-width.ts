import { type MutableRef, useEffect, useRef, useState } from 'preact/hooks';

/** Width of an element in pixels, followed as it changes, so that what is drawn keeps the size of its letters. */
export function useWidth<E extends Element>(first: number): [MutableRef<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const watched = new ResizeObserver(([entry]) =>
      setWidth(Math.max(240, Math.round(entry!.contentRect.width))),
    );
    watched.observe(element.current!);
    return () => watched.disconnect();
  }, []);
  return [element, width];
}
