// The live page begins here.

import { render } from 'preact';
import { App } from './shell/app';
// What every scene uses, here in one piece, which compresses better than many.
import './shell/canvas';
import './shell/chart';
import './shell/parts';
import 'uplot/dist/uPlot.min.css';
import './style.css';

render(<App />, document.getElementById('app')!);
