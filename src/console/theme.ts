const KEY = 'stillhouse-theme';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'auto';
}

/** Auto, light, dark, and again. Whoever draws by hand hears of it by the event `theme` of the window. */
export function nextTheme(): Theme {
  const next = NEXT[theme()];
  if (next === 'auto') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, next);
  applyTheme();
  return next;
}

export function applyTheme(): void {
  const wanted = theme();
  if (wanted === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
  window.dispatchEvent(new Event('theme'));
}

/** @returns how to stop listening */
export function onTheme(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  window.addEventListener('theme', listener);
  system.addEventListener('change', listener);
  return () => {
    window.removeEventListener('theme', listener);
    system.removeEventListener('change', listener);
  };
}
