import { FIGURE_NAMES } from '../figures/figure-names.js';
import { declare, neededText, number, text } from './declare.js';

export const figure = declare({
  name: 'figure',
  about: 'one picture for a paper, in its width and letters, as PDF, SVG or PNG',
  arguments: [
    ['<figure>', FIGURE_NAMES.join(', ')],
    ['<input>', 'a scenario, results of a sweep, or a table of reproduce or robustness'],
  ],
  options: {
    '--output': neededText('<file>', 'the figure: .pdf, .svg or .png', 'a name such as figure.pdf'),
    '--width': text('<length>', 'in in, cm, mm or pt: a column', { default: '3.33in' }),
    '--height': text('<length>', 'the same (default: as the figure needs)'),
    '--font-size': number('<pt>', 'of all letters', { min: 6, max: 24, unit: 'pt' }, '8'),
    '--font': text('<font>', 'Source Sans 3, or a .ttf or .otf file', { default: 'Source Sans 3' }),
    '--policies': text('<names>', 'the policies to show, such as zeus-global,perseus'),
    '--dpi': number('<n>', 'pixels of a PNG per inch', { min: 72, max: 1200, whole: true }, '300'),
  },
  remarks: [
    'Scenarios give timeline, frontier, ledger, clocks and power; results of a sweep give sweep; robustness.csv gives robustness; figure7.csv to figure9.csv of pipewatt reproduce give paper-7 to paper-9.',
  ],
  example: 'pipewatt figure frontier scenarios/straggler-1.2x.yaml --output frontier.pdf',
});
