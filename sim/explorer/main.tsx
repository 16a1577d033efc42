import './without-eval.js';
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { ExplorerPage } from './explorer-page.js';
import { lookStyle } from '../viewer/look-style.js';

const style = document.createElement('style');
style.textContent = lookStyle();
document.head.append(style);

render(<ExplorerPage />, document.getElementById('page')!);
