import './without-eval.js';
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { ExplorerPage } from './explorer-page.js';

render(<ExplorerPage />, document.getElementById('page')!);
