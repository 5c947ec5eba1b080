import 'uplot/dist/uPlot.min.css';
import './style.css';
import './parts/parts.css';
import './parts/small.css';
import { html, render } from 'htm/preact';
import { Shell } from './shell.ts';
import { applyTheme } from './theme.ts';

applyTheme();
render(html`<${Shell} />`, document.getElementById('console')!);
