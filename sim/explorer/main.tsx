import './without-eval.js';
import { hydrate, render } from 'preact';
import './styles.css';
import { ExplorerPage } from './explorer-page.js';

const place = document.getElementById('page')!;
const { hash } = location;
// The HTML shows the first step already.
if (hash === '' && place.childElementCount > 0) hydrate(<ExplorerPage hash="" />, place);
else {
  place.replaceChildren();
  render(<ExplorerPage hash={hash} />, place);
}
